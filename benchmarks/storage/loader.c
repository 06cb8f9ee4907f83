/* Load rows into `readings` with one prepared statement, and print the seconds that it took.

   Usage: loader DATABASE ROWS BATCH CHECKPOINT_PAGES STATEMENT
   ROWS is a file of rows: series id and time as 64-bit integers, value as a double. */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct row {
  sqlite3_int64 series, ts;
  double value;
};

static sqlite3 *database;

static void require(int condition) {
  if (condition) return;
  fprintf(stderr, "loader: %s\n", database ? sqlite3_errmsg(database) : "bad arguments");
  exit(1);
}

static void run(const char *sql) {
  require(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static struct row *read_rows(const char *path, size_t *count) {
  FILE *file = fopen(path, "rb");
  require(file && fseek(file, 0, SEEK_END) == 0);
  *count = ftell(file) / sizeof(struct row);
  rewind(file);
  struct row *rows = malloc(*count * sizeof(struct row));
  require(rows && fread(rows, sizeof(struct row), *count, file) == *count);
  fclose(file);
  return rows;
}

int main(int argc, char **argv) {
  require(argc == 6);
  size_t count, batch = atol(argv[3]);
  struct row *rows = read_rows(argv[2], &count);
  char checkpoint[80];
  snprintf(checkpoint, sizeof checkpoint, "PRAGMA wal_autocheckpoint = %d", atoi(argv[4]));
  require(sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
  run("PRAGMA journal_mode = WAL");
  run("PRAGMA synchronous = FULL");
  run(checkpoint);
  sqlite3_stmt *statement;
  require(sqlite3_prepare_v2(database, argv[5], -1, &statement, NULL) == SQLITE_OK);

  double begin = now();
  for (size_t start = 0; start < count; start += batch) {
    run("BEGIN IMMEDIATE");
    for (size_t i = start; i < count && i < start + batch; i++) {
      sqlite3_bind_int64(statement, 1, rows[i].series);
      sqlite3_bind_int64(statement, 2, rows[i].ts);
      sqlite3_bind_double(statement, 3, rows[i].value);
      require(sqlite3_step(statement) == SQLITE_DONE);
      sqlite3_reset(statement);
    }
    run("COMMIT");
  }
  printf("%.9f\n", now() - begin);

  sqlite3_finalize(statement);
  require(sqlite3_close(database) == SQLITE_OK);
  return 0;
}
