"""Building blocks of the decoders: grammars, series names, and the result of decoding."""
