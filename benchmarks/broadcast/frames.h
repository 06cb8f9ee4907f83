/* The few bytes of the WebSocket protocol that a benchmark needs. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "c3RyaXBjaGFydCBiZW5jaA=="
#define ACCEPT "2aXIp9qaTL/oFKGAL5Xb0BUoOvQ="

static inline void check(int good, const char *what) {
  if (!good) {
    perror(what);
    exit(1);
  }
}

/* The size of a frame's header, or 0 when it is not there yet; the payload's size into *size. */
static inline size_t header_of(const unsigned char *data, size_t here, size_t *size) {
  if (here < 2) return 0;
  size_t length = data[1] & 127, header = 2;
  if (length == 126) {
    if (here < 4) return 0;
    length = (size_t)data[2] << 8 | data[3];
    header = 4;
  } else if (length == 127) {
    if (here < 10) return 0;
    length = 0;
    for (int i = 2; i < 10; i++) length = length << 8 | data[i];
    header = 10;
  }
  *size = length;
  return header;
}

/* Writes the header of a text frame; returns its size. */
static inline size_t text_header(unsigned char *to, size_t size) {
  to[0] = 0x81;
  if (size < 126) {
    to[1] = (unsigned char)size;
    return 2;
  }
  if (size < 65536) {
    to[1] = 126;
    to[2] = (unsigned char)(size >> 8);
    to[3] = (unsigned char)size;
    return 4;
  }
  to[1] = 127;
  for (int i = 0; i < 8; i++) to[2 + i] = (unsigned char)(size >> (56 - 8 * i));
  return 10;
}

#endif
