/* The parts of the WebSocket protocol that the benchmark needs. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "c3RyaXBjaGFydCBiZW5jaA=="
#define ACCEPT "2aXIp9qaTL/oFKGAL5Xb0BUoOvQ="

/* End the program with an error message unless the condition holds. */
static inline void check(int condition, const char *message) {
  if (!condition) {
    perror(message);
    exit(1);
  }
}

/* Parse a frame's header. Store the payload's length in *payload_length.
   Return the header's length, or 0 if the header is incomplete. */
static inline size_t parse_header(const unsigned char *data, size_t available,
                                  size_t *payload_length) {
  if (available < 2) return 0;
  size_t length = data[1] & 127, header = 2;
  if (length == 126) {
    if (available < 4) return 0;
    length = (size_t)data[2] << 8 | data[3];
    header = 4;
  } else if (length == 127) {
    if (available < 10) return 0;
    length = 0;
    for (int i = 2; i < 10; i++) length = length << 8 | data[i];
    header = 10;
  }
  *payload_length = length;
  return header;
}

/* Write the header of a text frame. Return its length. */
static inline size_t write_text_header(unsigned char *target, size_t payload_length) {
  target[0] = 0x81;
  if (payload_length < 126) {
    target[1] = (unsigned char)payload_length;
    return 2;
  }
  if (payload_length < 65536) {
    target[1] = 126;
    target[2] = (unsigned char)(payload_length >> 8);
    target[3] = (unsigned char)payload_length;
    return 4;
  }
  target[1] = 127;
  for (int i = 0; i < 8; i++) target[2 + i] = (unsigned char)(payload_length >> (56 - 8 * i));
  return 10;
}

#endif
