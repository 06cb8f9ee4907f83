/* Many viewers in one process, which read frames and measure how long each reading took.
 *
 * Usage: viewers PORT PATH PREFIX COUNT STALLED
 * It opens COUNT WebSockets, and STALLED more that never read, prints "joined", and reads. In a
 * frame, PREFIX precedes the times at which its readings were published, in seconds, separated by
 * commas. For each number on standard input it waits until that many readings have arrived, or no
 * more arrive. Then it prints the statistics since the previous number as JSON. */
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

#define CHUNK_BYTES 65536
#define QUIET_MS 1500

typedef struct {
  int socket;
  unsigned char *data;
  size_t available, capacity;
} Viewer;

static const char *prefix;
static double *delays;
static size_t reading_count, frame_count, delay_capacity;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Connect a viewer and do the handshake. Return its socket. */
static int join(int port, const char *path, int stalled) {
  int descriptor = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
  check(descriptor >= 0, "socket");
  if (stalled) setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0, "connect");
  char text[1024], byte;
  int length = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
                        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: " KEY "\r\n\r\n",
                        path);
  check(write(descriptor, text, (size_t)length) == length, "handshake");
  size_t received = 0;
  while (received < sizeof text - 1) {
    check(read(descriptor, &byte, 1) == 1, "handshake");
    text[received++] = byte;
    if (received >= 4 && !memcmp(text + received - 4, "\r\n\r\n", 4)) break;
  }
  text[received] = 0;
  check(strstr(text, " 101 ") != NULL, text);
  return descriptor;
}

/* Record the delay of each reading in a frame that arrived at a given time. */
static void record_delays(const char *text, const char *end, double arrived) {
  size_t length = strlen(prefix);
  const char *position = text;
  while ((position = memmem(position, (size_t)(end - position), prefix, length)) != NULL) {
    position += length;
    for (;;) {
      char *after;
      double published = strtod(position, &after);
      if (after == position) break;
      if (reading_count == delay_capacity) {
        delay_capacity = delay_capacity ? 2 * delay_capacity : 1 << 20;
        delays = realloc(delays, delay_capacity * sizeof *delays);
        check(delays != NULL, "realloc");
      }
      delays[reading_count++] = arrived - published;
      position = after;
      if (*position != ',') break;
      position++;
    }
  }
}

static void receive(Viewer *viewer) {
  if (viewer->capacity - viewer->available < CHUNK_BYTES) {
    viewer->capacity += CHUNK_BYTES;
    viewer->data = realloc(viewer->data, viewer->capacity + 1);
    check(viewer->data != NULL, "realloc");
  }
  ssize_t received = read(viewer->socket, viewer->data + viewer->available,
                          viewer->capacity - viewer->available);
  if (received < 0 && errno == EAGAIN) return;
  check(received > 0, "the server closed a viewer");
  double arrived = now();
  viewer->available += (size_t)received;
  size_t position = 0, length, header;
  while ((header = parse_header(viewer->data + position, viewer->available - position, &length)) &&
         viewer->available - position >= header + length) {
    char *text = (char *)viewer->data + position + header, next_byte = text[length];
    size_t before = reading_count;
    text[length] = 0;
    record_delays(text, text + length, arrived);
    text[length] = next_byte;
    frame_count += reading_count > before;
    position += header + length;
  }
  memmove(viewer->data, viewer->data + position, viewer->available - position);
  viewer->available -= position;
}

static void print_statistics(double cpu_before) {
  size_t in_time = 0;
  for (size_t i = 0; i < reading_count; i++) in_time += delays[i] < 1.0;
  qsort(delays, reading_count, sizeof *delays, compare_doubles);
  size_t last = reading_count ? reading_count - 1 : 0;
  printf("{\"readings\": %zu, \"frames\": %zu, \"in_time\": %zu, \"p50\": %.6f, \"p99\": %.6f, "
         "\"max\": %.6f, \"cpu\": %.6f}\n",
         reading_count, frame_count, in_time, reading_count ? delays[last / 2] : 0.0,
         reading_count ? delays[last * 99 / 100] : 0.0, reading_count ? delays[last] : 0.0,
         cpu_seconds() - cpu_before);
  fflush(stdout);
  reading_count = frame_count = 0;
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
  size_t expected = 0;
  double cpu_before = cpu_seconds();
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(poll, events, 256, expected ? QUIET_MS : -1);
    for (int i = 0; i < ready; i++) {
      char line[64];
      if (events[i].data.ptr != NULL) {
        receive(events[i].data.ptr);
      } else {
        ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
        if (length <= 0) return 0;
        line[length] = 0;
        expected = strtoul(line, NULL, 10);
      }
    }
    if (expected && (reading_count >= expected || ready == 0)) {
      print_statistics(cpu_before);
      expected = 0;
      cpu_before = cpu_seconds();
    }
  }
}
