"""Parts that the decoders share: grammars, names of series, results."""
