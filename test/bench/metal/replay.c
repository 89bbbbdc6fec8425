/*
 * Plays datagrams from a file to a server on loopback, from the source addresses that the file names, and counts the
 * answers. One socket has all of 127.0.0.0/8 for its own, so that a million sources take one system call a batch.
 *   replay FILE SERVER-PORT OWN-PORT MILLISECONDS WINDOW RATE
 * WINDOW datagrams are in flight at once, and another one leaves for each that is answered; 0 waits for no answers.
 * RATE is how many leave a second at most; 0 means any number. The file is played again from its start when it is
 * through, unless MILLISECONDS is 0: then it is played once. Each record of the file: the source address (4 bytes, as
 * on the wire), the length (2 bytes, little endian), the bytes.
 * Prints JSON: what was sent and answered, in how long, how many answers were given up, and round trips in µs.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, ROOM = 2048, FLYING_MAX = 1 << 16, BUFFER = 8 << 20, GIVEN_UP_MS = 200, PAUSE_MICROS = 100, TIMES_MAX = 1 << 20 };

static const unsigned char *script, *place;
static size_t script_size;
static int fd;
static struct sockaddr_in server = {.sin_family = AF_INET};

static struct iovec out_parts[BATCH], in_parts[BATCH];
static struct mmsghdr out[BATCH], in[BATCH];
static char in_bytes[BATCH][ROOM];
static union {
  char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
  struct cmsghdr aligned;
} control[BATCH];

/* The server answers in order: the first answer belongs to the first datagram that waits for one. */
static int64_t left_at[FLYING_MAX];
static uint64_t sent, answered, lost;
static uint32_t times[TIMES_MAX];
static uint64_t timed;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void read_script(const char *path) {
  struct stat about;
  int file = open(path, O_RDONLY);
  if (file < 0 || fstat(file, &about) < 0) fail(path);
  script_size = about.st_size;
  script = place = mmap(NULL, script_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (script == MAP_FAILED) fail(path);
}

static void open_socket(int port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  int size = BUFFER;
  fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) < 0) fail("bind");
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

static void prepare(void) {
  for (int index = 0; index < BATCH; index++) {
    struct cmsghdr *head = &control[index].aligned;
    head->cmsg_level = IPPROTO_IP;
    head->cmsg_type = IP_PKTINFO;
    head->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    out[index].msg_hdr = (struct msghdr){.msg_name = &server,
                                         .msg_namelen = sizeof server,
                                         .msg_iov = &out_parts[index],
                                         .msg_iovlen = 1,
                                         .msg_control = control[index].bytes,
                                         .msg_controllen = sizeof control[index].bytes};
    in_parts[index] = (struct iovec){in_bytes[index], ROOM};
    in[index].msg_hdr = (struct msghdr){.msg_iov = &in_parts[index], .msg_iovlen = 1};
  }
}

/* Whether there is another datagram for this place in the batch. */
static int take(int index, int again) {
  if (place == script + script_size) {
    if (!again) return 0;
    place = script;
  }
  memcpy(&((struct in_pktinfo *)CMSG_DATA(&control[index].aligned))->ipi_spec_dst, place, 4);
  size_t length = place[4] | place[5] << 8;
  out_parts[index] = (struct iovec){(void *)(place + 6), length};
  place += 6 + length;
  return 1;
}

/* Sends up to `most` of what is next; false when the script is through. */
static int send_some(int most, int again) {
  int count = 0;
  while (count < most && count < BATCH && take(count, again)) count++;
  for (int done = 0, step; done < count; done += step) {
    step = sendmmsg(fd, out + done, count - done, 0);
    if (step > 0) continue;
    if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR) fail("sendmmsg");
    step = 0;
  }
  int64_t time = now();
  for (int index = 0; index < count; index++) left_at[sent++ % FLYING_MAX] = time;
  return count > 0 || most == 0;
}

static void receive_some(void) {
  int count = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
  if (count <= 0) return;
  int64_t time = now();
  for (int index = 0; index < count; index++) {
    uint64_t first = answered + lost;
    if (first < sent) times[timed++ % TIMES_MAX] = (time - left_at[first % FLYING_MAX]) / 10;
    answered++;
  }
}

static void give_up_the_lost(void) {
  while (answered + lost < sent && now() - left_at[(answered + lost) % FLYING_MAX] > GIVEN_UP_MS * 1000000LL) lost++;
}

/* Until one is there, or `micros` are over. */
static void wait_for_answers(int micros) {
  struct pollfd waiting = {.fd = fd, .events = POLLIN};
  struct timespec most = {.tv_sec = micros / 1000000, .tv_nsec = micros % 1000000 * 1000};
  if (ppoll(&waiting, 1, &most, NULL) == 0) give_up_the_lost();
}

static int compare(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return (a > b) - (a < b);
}

static double quantile(double share) {
  uint64_t count = timed < TIMES_MAX ? timed : TIMES_MAX;
  return count == 0 ? 0 : times[(uint64_t)(share * (count - 1))] / 100.0;
}

int main(int count, char **arguments) {
  if (count != 7) {
    fprintf(stderr, "usage: replay FILE SERVER-PORT OWN-PORT MILLISECONDS WINDOW RATE\n");
    return 2;
  }
  int milliseconds = atoi(arguments[4]), window = atoi(arguments[5]), again = milliseconds > 0;
  double rate = atof(arguments[6]);
  read_script(arguments[1]);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server.sin_port = htons(atoi(arguments[2]));
  open_socket(atoi(arguments[3]));
  prepare();

  int64_t start = now(), end = start + milliseconds * 1000000LL;
  int more = 1;
  while (more && (!again || now() < end)) {
    int64_t allowed = rate > 0 ? (int64_t)((now() - start) * rate / 1e9) + 1 - (int64_t)sent : BATCH;
    int64_t room = window > 0 ? window - (int64_t)(sent - answered - lost) : BATCH;
    int most = allowed < room ? allowed : room;
    if (most > 0) more = send_some(most, again);
    else wait_for_answers(room > 0 ? PAUSE_MICROS : GIVEN_UP_MS * 1000);
    receive_some();
    if (window == 0) lost = sent > answered ? sent - answered : 0;
  }
  double seconds = (now() - start) / 1e9;
  for (int64_t last = now() + GIVEN_UP_MS * 1000000LL; window > 0 && answered + lost < sent && now() < last;) receive_some();
  qsort(times, timed < TIMES_MAX ? timed : TIMES_MAX, sizeof times[0], compare);
  printf("{\"sent\":%lu,\"answered\":%lu,\"lost\":%lu,\"seconds\":%.6f,\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"worst\":%.2f}\n", sent, answered,
         sent - answered, seconds, quantile(0.5), quantile(0.9), quantile(0.99), quantile(1));
  return 0;
}
