/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * pprof labels of goroutines, copied when they are set: the collector may reuse their memory before the recorder looks.
 * g.labels points to a `labelMap` (runtime/pprof/label.go): from Go 1.24 on a slice of (key, value), sorted by key; before,
 * a map[string]string, of which the first bucket is read (runtime/map.go: hmap, bmap).
 */
#ifndef GOTAPE_LABELS_H
#define GOTAPE_LABELS_H

#include "scratch.h"

/* struct bmap of map[string]string: 8 bytes of hash, 8 keys, 8 values, overflow. */
#define BUCKET_KEYS 1
#define BUCKET_VALUES 17
#define BUCKET_OVERFLOW 33
#define BUCKET_BYTES 272
#define MIN_TOP_HASH 5 /* smaller ones mark empty cells */

/*
 * Appends a string, cut to `most` bytes, with its length before it. Where text ends is kept in memory and checked anew each
 * time: the verifier then sees the same state after every label, and need not follow each combination of lengths.
 */
static __always_inline int append_text(struct scratch *s, __u64 address, __u64 length, __u32 most)
{
	struct gotape_labels *l = &s->labels;
	__u32 kept = length > most ? most : length, at = s->text_end;

	if (at > LABELS_TEXT_BYTES - 2 - LABEL_VALUE_BYTES)
		return -1;
	if (kept < length)
		l->incomplete = 1;
	l->text[at] = kept;
	l->text[at + 1] = kept >> 8;
	if (kept && bpf_probe_read_user(&l->text[at + 2], kept, (const void *)address))
		return -1;
	s->text_end = at + 2 + kept;
	return 0;
}

/* The strings whose headers (address, length) are the words at `key` and `value` of s->raw. */
static __noinline int append_label(struct scratch *s, __u32 key, __u32 value)
{
	__u32 before = s->text_end;

	if (key > LABELS_RAW_WORDS - 2 || value > LABELS_RAW_WORDS - 2)
		return -1;
	if (append_text(s, s->raw[key], s->raw[key + 1], LABEL_KEY_BYTES) ||
	    append_text(s, s->raw[value], s->raw[value + 1], LABEL_VALUE_BYTES)) {
		s->text_end = before;
		s->labels.incomplete = 1;
		return -1;
	}
	s->labels.count++;
	return 0;
}

static __always_inline int copy_slice(struct scratch *s, __u64 labels)
{
	__u64 count;

	if (bpf_probe_read_user(s->raw, 16, (const void *)labels))
		return -1;
	count = s->raw[1];
	if (count > GOTAPE_LABELS) {
		count = GOTAPE_LABELS;
		s->labels.incomplete = 1;
	}
	if (count && bpf_probe_read_user(s->raw, count * 32, (const void *)s->raw[0]))
		return -1;
	for (__u32 i = 0; i < GOTAPE_LABELS; i++)
		if (i >= count || append_label(s, 4 * i, 4 * i + 2))
			break;
	return 0;
}

static __always_inline int copy_map(struct scratch *s, __u64 labels)
{
	__u64 map = 0;

	if (bpf_probe_read_user(&map, 8, (const void *)labels))
		return -1;
	if (!map) /* a nil map */
		return 0;
	/* hmap: count, flags and B (byte 9), buckets, oldbuckets. */
	if (bpf_probe_read_user(s->raw, 32, (const void *)map))
		return -1;
	if (!s->raw[0])
		return 0;
	if (((s->raw[1] >> 8) & 0xff) || s->raw[3])
		s->labels.incomplete = 1;
	if (bpf_probe_read_user(s->raw, BUCKET_BYTES, (const void *)s->raw[2]))
		return -1;
	if (s->raw[BUCKET_OVERFLOW])
		s->labels.incomplete = 1;
	for (__u32 i = 0; i < 8; i++) {
		if (((s->raw[0] >> (8 * i)) & 0xff) < MIN_TOP_HASH)
			continue;
		if (append_label(s, BUCKET_KEYS + 2 * i, BUCKET_VALUES + 2 * i))
			break;
	}
	return 0;
}

/* `labels`: what g.labels is, or becomes. `created`: the goroutine inherits them, its creation follows. */
static __noinline int record_labels(struct gotape_counters *c, __u64 g, __u64 labels, __u32 created)
{
	struct scratch *s = take_scratch();
	struct gotape_labels *l;
	__u32 text;
	int err = 0;

	if (!s) {
		COUNT(c->labels_lost);
		return 0;
	}
	l = &s->labels;
	l->g = g;
	l->goid = 0;
	l->tgid = bpf_get_current_pid_tgid() >> 32;
	l->count = 0;
	l->created = created;
	l->incomplete = 0;
	s->text_end = 0;
	if (labels)
		err = layout.labels == LABELS_SLICE ? copy_slice(s, labels) : copy_map(s, labels);
	text = s->text_end;
	if (err || text > LABELS_TEXT_BYTES || bpf_probe_read_user(&l->goid, 8, (const void *)(g + layout.g_status + 8))) {
		COUNT(c->labels_lost);
		goto out;
	}
	l->time_ns = bpf_ktime_get_ns();
	/* To a multiple of 8, and the mark. */
	text = __builtin_offsetof(struct gotape_labels, text) + ((text + 7) & ~7u) + GOTAPE_LABELS_MARK;
	if (bpf_ringbuf_output(&events, l, text, BPF_RB_NO_WAKEUP))
		COUNT(c->labels_lost);
	else
		COUNT(c->labels);
out:
	give_back(s);
	return 0;
}

#endif
