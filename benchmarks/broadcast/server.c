/* The limit: a WebSocket server that does nothing but write each message of a channel to all.
 *
 * server REDIS_PORT CHANNEL: says its port. What a socket does not take is kept and written when
 * it is ready again, as any server must. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

#define PIECE 65536
#define MOST 16384

typedef struct {
  int socket, open;
  unsigned char *pending;
  size_t size, room;
} Viewer;

static Viewer *viewers[MOST];
static int count, poll, redis_socket, listener;

static void watch(int descriptor, void *what, uint32_t events, int how) {
  struct epoll_event event = {.events = events, .data.ptr = what};
  epoll_ctl(poll, how, descriptor, &event);
}

static void leave(Viewer *viewer) {
  for (int i = 0; i < count; i++)
    if (viewers[i] == viewer) viewers[i] = viewers[--count];
  close(viewer->socket);
  free(viewer->pending);
  free(viewer);
}

static void keep(Viewer *viewer, const unsigned char *data, size_t size) {
  if (viewer->size + size > viewer->room) {
    viewer->room = 2 * (viewer->size + size);
    viewer->pending = realloc(viewer->pending, viewer->room);
    check(viewer->pending != NULL, "realloc");
  }
  if (!viewer->size) watch(viewer->socket, viewer, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  memcpy(viewer->pending + viewer->size, data, size);
  viewer->size += size;
}

static void send_to(Viewer *viewer, const unsigned char *data, size_t size) {
  ssize_t written = 0;
  if (!viewer->size) {
    written = send(viewer->socket, data, size, MSG_NOSIGNAL);
    if (written < 0) {
      if (errno != EAGAIN) return;
      written = 0;
    }
  }
  if ((size_t)written < size) keep(viewer, data + written, size - (size_t)written);
}

static void resume(Viewer *viewer) {
  ssize_t written = send(viewer->socket, viewer->pending, viewer->size, MSG_NOSIGNAL);
  if (written <= 0) return;
  viewer->size -= (size_t)written;
  memmove(viewer->pending, viewer->pending + written, viewer->size);
  if (!viewer->size) watch(viewer->socket, viewer, EPOLLIN, EPOLL_CTL_MOD);
}

static void listen_to(Viewer *viewer) {
  static const unsigned char accepted[] =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n";
  char text[4096];
  ssize_t got = read(viewer->socket, text, sizeof text);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    leave(viewer);
  } else if (!viewer->open) {
    viewer->open = 1;
    send_to(viewer, accepted, sizeof accepted - 1);
    check(count < MOST, "too many viewers");
    viewers[count++] = viewer;
  }
}

static void accept_one(void) {
  int one = 1, s = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (s < 0) return;
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  Viewer *viewer = calloc(1, sizeof *viewer);
  check(viewer != NULL, "calloc");
  viewer->socket = s;
  watch(s, viewer, EPOLLIN, EPOLL_CTL_ADD);
}

/* The size of a number's line "$123\r\n", or 0 when it is not there yet. */
static size_t number(const char *data, size_t here, size_t *value) {
  const char *end = memmem(data, here, "\r\n", 2);
  if (end == NULL) return 0;
  *value = strtoul(data + 1, NULL, 10);
  return (size_t)(end - data) + 2;
}

/* Takes one reply of three parts, of which the last is the message; returns its size. */
static size_t take(char *data, size_t here) {
  size_t at, parts, size = 0, line;
  if (!(at = number(data, here, &parts))) return 0;
  for (size_t part = 0; part < 3; part++) {
    if (at >= here || !(line = number(data + at, here - at, &size))) return 0;
    if (data[at] == ':') return at + line; /* the confirmation ends with a number */
    if (at + line + size + 2 > here) return 0;
    at += line + size + 2;
  }
  unsigned char *frame = malloc(size + 10);
  check(frame != NULL, "malloc");
  size_t header = text_header(frame, size);
  memcpy(frame + header, data + at - size - 2, size);
  for (int i = 0; i < count; i++) send_to(viewers[i], frame, header + size);
  free(frame);
  return at;
}

static void relay(void) {
  static char *data;
  static size_t here, room;
  if (room - here < PIECE) {
    data = realloc(data, room += PIECE);
    check(data != NULL, "realloc");
  }
  ssize_t got = read(redis_socket, data + here, room - here);
  check(got > 0, "Redis");
  here += (size_t)got;
  size_t at = 0, taken;
  while ((taken = take(data + at, here - at))) at += taken;
  memmove(data, data + at, here - at);
  here -= at;
}

int main(int argc, char **argv) {
  check(argc == 3, "two arguments");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  redis_socket = socket(AF_INET, SOCK_STREAM, 0);
  check(connect(redis_socket, (struct sockaddr *)&address, sizeof address) == 0, "Redis");
  dprintf(redis_socket, "SUBSCRIBE %s\r\n", argv[2]);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  address.sin_port = 0;
  socklen_t size = sizeof address;
  check(bind(listener, (struct sockaddr *)&address, size) == 0, "bind");
  check(listen(listener, 4096) == 0, "listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  poll = epoll_create1(0);
  watch(listener, &listener, EPOLLIN, EPOLL_CTL_ADD);
  watch(redis_socket, &redis_socket, EPOLLIN, EPOLL_CTL_ADD);
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      void *what = events[i].data.ptr;
      if (what == &listener) accept_one();
      else if (what == &redis_socket) relay();
      else if (events[i].events & EPOLLOUT) resume(what);
      else listen_to(what);
    }
  }
}
