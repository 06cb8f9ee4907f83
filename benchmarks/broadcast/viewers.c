/* Many viewers in one process, who only read and note how long each message took.
 *
 * viewers PORT PATH PREFIX COUNT STALLED: opens COUNT WebSockets and STALLED more that never read,
 * says "joined", and goes on reading. After PREFIX in a frame stand the times at which its messages
 * were published, in seconds, with commas between them. For each number on the input it waits until
 * so many messages have come, or no more do, and writes what came since the last time, as JSON. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

#define PIECE 65536
#define QUIET_MS 1500

typedef struct {
  int socket;
  unsigned char *data;
  size_t here, room;
} Viewer;

static const char *prefix;
static double *took;
static size_t messages, frames, room;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int join(int port, const char *path, int stalled) {
  int s = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
  check(s >= 0, "socket");
  if (stalled) setsockopt(s, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(connect(s, (struct sockaddr *)&to, sizeof to) == 0, "connect");
  char text[1024], byte;
  int size = snprintf(text, sizeof text,
                      "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
                      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: " KEY "\r\n\r\n",
                      path);
  check(write(s, text, (size_t)size) == size, "handshake");
  size_t got = 0;
  while (got < sizeof text - 1) {
    check(read(s, &byte, 1) == 1, "handshake");
    text[got++] = byte;
    if (got >= 4 && !memcmp(text + got - 4, "\r\n\r\n", 4)) break;
  }
  text[got] = 0;
  check(strstr(text, " 101 ") != NULL, text);
  return s;
}

static void note(const char *text, const char *end, double moment) {
  size_t length = strlen(prefix);
  const char *at = text;
  while ((at = memmem(at, (size_t)(end - at), prefix, length)) != NULL) {
    at += length;
    for (;;) {
      char *after;
      double sent = strtod(at, &after);
      if (after == at) break;
      if (messages == room) {
        room = room ? 2 * room : 1 << 20;
        took = realloc(took, room * sizeof *took);
        check(took != NULL, "realloc");
      }
      took[messages++] = moment - sent;
      at = after;
      if (*at != ',') break;
      at++;
    }
  }
}

static void receive(Viewer *viewer) {
  if (viewer->room - viewer->here < PIECE) {
    viewer->room += PIECE;
    viewer->data = realloc(viewer->data, viewer->room + 1);
    check(viewer->data != NULL, "realloc");
  }
  ssize_t got = read(viewer->socket, viewer->data + viewer->here, viewer->room - viewer->here);
  if (got < 0 && errno == EAGAIN) return;
  check(got > 0, "the server has cut a viewer");
  double moment = now();
  viewer->here += (size_t)got;
  size_t at = 0, size, header;
  while ((header = header_of(viewer->data + at, viewer->here - at, &size)) &&
         viewer->here - at >= header + size) {
    char *text = (char *)viewer->data + at + header, kept = text[size];
    size_t before = messages;
    text[size] = 0;
    note(text, text + size, moment);
    text[size] = kept;
    frames += messages > before;
    at += header + size;
  }
  memmove(viewer->data, viewer->data + at, viewer->here - at);
  viewer->here -= at;
}

static void report(double since) {
  size_t in_time = 0;
  for (size_t i = 0; i < messages; i++) in_time += took[i] < 1.0;
  qsort(took, messages, sizeof *took, ascending);
  size_t last = messages ? messages - 1 : 0;
  printf("{\"messages\": %zu, \"frames\": %zu, \"in_time\": %zu, \"p50\": %.6f, \"p99\": %.6f, "
         "\"most\": %.6f, \"cpu\": %.6f}\n",
         messages, frames, in_time, messages ? took[last / 2] : 0.0,
         messages ? took[last * 99 / 100] : 0.0, messages ? took[last] : 0.0, cpu() - since);
  fflush(stdout);
  messages = frames = 0;
}

int main(int argc, char **argv) {
  check(argc == 6, "five arguments");
  int port = atoi(argv[1]), count = atoi(argv[4]), stalled = atoi(argv[5]);
  prefix = argv[3];
  int poll = epoll_create1(0);
  Viewer *viewers = calloc((size_t)count, sizeof *viewers);
  check(poll >= 0 && viewers != NULL, "setup");
  for (int i = 0; i < stalled; i++) join(port, argv[2], 1);
  for (int i = 0; i < count; i++) {
    viewers[i].socket = join(port, argv[2], 0);
    fcntl(viewers[i].socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &viewers[i]};
    epoll_ctl(poll, EPOLL_CTL_ADD, viewers[i].socket, &event);
  }
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poll, EPOLL_CTL_ADD, STDIN_FILENO, &input);
  puts("joined");
  fflush(stdout);
  size_t due = 0;
  double since = cpu();
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(poll, events, 256, due ? QUIET_MS : -1);
    for (int i = 0; i < ready; i++) {
      char line[64];
      if (events[i].data.ptr != NULL) {
        receive(events[i].data.ptr);
      } else {
        ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);
        if (size <= 0) return 0;
        line[size] = 0;
        due = strtoul(line, NULL, 10);
      }
    }
    if (due && (messages >= due || ready == 0)) {
      report(since);
      due = 0;
      since = cpu();
    }
  }
}
