/* Lower bound of the cost: a WebSocket server that only writes each message of a Redis channel to
 * all viewers.
 *
 * Usage: server REDIS_PORT CHANNEL
 * It prints the port that it listens on. Data that a socket does not accept is queued, and sent
 * when the socket is ready again, as any server must do. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

#define CHUNK_BYTES 65536
#define MAX_VIEWERS 16384

typedef struct {
  int socket, joined;
  unsigned char *queue;
  size_t queued, capacity;
} Viewer;

static Viewer *viewers[MAX_VIEWERS];
static int viewer_count, poll, redis_socket, listener;

static void watch(int descriptor, void *owner, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = owner};
  epoll_ctl(poll, operation, descriptor, &event);
}

static void remove_viewer(Viewer *viewer) {
  for (int i = 0; i < viewer_count; i++)
    if (viewers[i] == viewer) viewers[i] = viewers[--viewer_count];
  close(viewer->socket);
  free(viewer->queue);
  free(viewer);
}

static void enqueue(Viewer *viewer, const unsigned char *data, size_t length) {
  if (viewer->queued + length > viewer->capacity) {
    viewer->capacity = 2 * (viewer->queued + length);
    viewer->queue = realloc(viewer->queue, viewer->capacity);
    check(viewer->queue != NULL, "realloc");
  }
  if (!viewer->queued) watch(viewer->socket, viewer, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  memcpy(viewer->queue + viewer->queued, data, length);
  viewer->queued += length;
}

static void send_or_enqueue(Viewer *viewer, const unsigned char *data, size_t length) {
  ssize_t sent = 0;
  if (!viewer->queued) {
    sent = send(viewer->socket, data, length, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) return;
      sent = 0;
    }
  }
  if ((size_t)sent < length) enqueue(viewer, data + sent, length - (size_t)sent);
}

static void send_queue(Viewer *viewer) {
  ssize_t sent = send(viewer->socket, viewer->queue, viewer->queued, MSG_NOSIGNAL);
  if (sent <= 0) return;
  viewer->queued -= (size_t)sent;
  memmove(viewer->queue, viewer->queue + sent, viewer->queued);
  if (!viewer->queued) watch(viewer->socket, viewer, EPOLLIN, EPOLL_CTL_MOD);
}

/* Answer the handshake, ignore later frames, and remove a viewer that has closed. */
static void read_from(Viewer *viewer) {
  static const unsigned char response[] =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n";
  char text[4096];
  ssize_t received = read(viewer->socket, text, sizeof text);
  if (received < 0 && errno == EAGAIN) return;
  if (received <= 0) {
    remove_viewer(viewer);
  } else if (!viewer->joined) {
    viewer->joined = 1;
    send_or_enqueue(viewer, response, sizeof response - 1);
    check(viewer_count < MAX_VIEWERS, "too many viewers");
    viewers[viewer_count++] = viewer;
  }
}

static void accept_viewer(void) {
  int on = 1, descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (descriptor < 0) return;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Viewer *viewer = calloc(1, sizeof *viewer);
  check(viewer != NULL, "calloc");
  viewer->socket = descriptor;
  watch(descriptor, viewer, EPOLLIN, EPOLL_CTL_ADD);
}

/* Parse a line with a number, such as "$123\r\n". Return its length, or 0 if it is incomplete. */
static size_t parse_number(const char *data, size_t available, size_t *value) {
  const char *end = memmem(data, available, "\r\n", 2);
  if (end == NULL) return 0;
  *value = strtoul(data + 1, NULL, 10);
  return (size_t)(end - data) + 2;
}

/* Relay one reply of three parts; the last part is the message. Return the reply's length, or 0
   if it is incomplete. */
static size_t relay_reply(char *data, size_t available) {
  size_t position, parts, length = 0, line;
  if (!(position = parse_number(data, available, &parts))) return 0;
  for (size_t part = 0; part < 3; part++) {
    if (position >= available) return 0;
    if (!(line = parse_number(data + position, available - position, &length))) return 0;
    /* The confirmation of SUBSCRIBE ends with a number. */
    if (data[position] == ':') return position + line;
    if (position + line + length + 2 > available) return 0;
    position += line + length + 2;
  }
  unsigned char *frame = malloc(length + 10);
  check(frame != NULL, "malloc");
  size_t header = write_text_header(frame, length);
  memcpy(frame + header, data + position - length - 2, length);
  for (int i = 0; i < viewer_count; i++) send_or_enqueue(viewers[i], frame, header + length);
  free(frame);
  return position;
}

static void relay(void) {
  static char *data;
  static size_t available, capacity;
  if (capacity - available < CHUNK_BYTES) {
    data = realloc(data, capacity += CHUNK_BYTES);
    check(data != NULL, "realloc");
  }
  ssize_t received = read(redis_socket, data + available, capacity - available);
  check(received > 0, "Redis");
  available += (size_t)received;
  size_t position = 0, length;
  while ((length = relay_reply(data + position, available - position))) position += length;
  memmove(data, data + position, available - position);
  available -= position;
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
  socklen_t length = sizeof address;
  check(bind(listener, (struct sockaddr *)&address, length) == 0, "bind");
  check(listen(listener, 4096) == 0, "listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  poll = epoll_create1(0);
  watch(listener, &listener, EPOLLIN, EPOLL_CTL_ADD);
  watch(redis_socket, &redis_socket, EPOLLIN, EPOLL_CTL_ADD);
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      void *owner = events[i].data.ptr;
      if (owner == &listener) accept_viewer();
      else if (owner == &redis_socket) relay();
      else if (events[i].events & EPOLLOUT) send_queue(owner);
      else read_from(owner);
    }
  }
}
