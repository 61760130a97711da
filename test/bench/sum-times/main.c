/*
 * The least that an analysis can do: the time of each goroutine in each state, in one pass over the columns. What is faster than this
 * does not read the rows. Goroutines' ids are indices here; nothing is checked.
 *
 *     main FILE ROUNDS
 *
 * The file: number of goroutines and of rows (uint64), then the columns of all rows: time and goid (float64), from and to (uint8).
 * Prints the CPU time of the fastest round in seconds, and a sum over everything.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATES = 256 };

static double cpu_seconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return at.tv_sec + at.tv_nsec / 1e9;
}

static void *read_column(FILE *file, size_t size, size_t rows)
{
	void *column = malloc(size * rows);

	if (column == NULL || fread(column, size, rows, file) != rows) {
		fprintf(stderr, "the file is too short\n");
		exit(1);
	}
	return column;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;

	if (file == NULL) {
		fprintf(stderr, "usage: main FILE ROUNDS\n");
		return 2;
	}
	uint64_t *counts = read_column(file, sizeof(uint64_t), 2);
	uint64_t goroutines = counts[0], rows = counts[1];
	double *time_ns = read_column(file, sizeof(double), rows);
	double *goid = read_column(file, sizeof(double), rows);
	uint8_t *from = read_column(file, 1, rows);
	uint8_t *to = read_column(file, 1, rows);
	double *since = calloc(goroutines, sizeof(double));
	double(*times)[STATES] = calloc(goroutines, sizeof(*times));
	uint64_t(*changes)[STATES] = calloc(goroutines, sizeof(*changes));
	double best = 1e9;

	for (int round = atoi(argv[2]); round > 0; round--) {
		double start = cpu_seconds();

		memset(since, 0, goroutines * sizeof(double));
		memset(times, 0, goroutines * sizeof(*times));
		memset(changes, 0, goroutines * sizeof(*changes));
		for (uint64_t row = 0; row < rows; row++) {
			size_t who = (size_t)goid[row];

			times[who][from[row]] += time_ns[row] - since[who];
			changes[who][to[row]]++;
			since[who] = time_ns[row];
		}
		double took = cpu_seconds() - start;

		if (took < best)
			best = took;
	}
	double sum = 0;
	uint64_t count = 0;

	for (uint64_t who = 0; who < goroutines; who++)
		for (int state = 0; state < STATES; state++) {
			sum += times[who][state];
			count += changes[who][state];
		}
	if (count != rows)
		return 1;
	printf("%.9f %.0f\n", best, sum);
	return 0;
}
