package output

import (
	"bytes"
	"time"
	"unicode/utf8"

	"carillon/internal/job"
)

// maxChunk is the most bytes of a chunk.
const maxChunk = 32 << 10

// maxChunks is how many chunks may make up a part of so many bytes. Chunks are small
// when streams alternate; very many of them would cost more than their bytes.
func maxChunks(size int) int { return max(size/64, 64) }

// segment is a piece of one stream, on its way to become a chunk.
type segment struct {
	seq    int64
	start  int64 // of its first byte, counted over the run's whole output
	at     time.Time
	stream job.Stream
	data   []byte
}

func (s *segment) end() int64 { return s.start + int64(len(s.data)) }

func (s *segment) chunk(id job.RunID) job.Chunk {
	return job.Chunk{RunID: id, Seq: s.seq, At: s.at, Stream: s.stream, Data: s.data}
}

// wholeRunes returns the length of p without a rune at its end that is only begun.
func wholeRunes(p []byte) int {
	for i := len(p) - 1; i >= 0 && i > len(p)-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			if !utf8.FullRune(p[i:]) {
				return i
			}
			break
		}
	}
	return len(p)
}

// wholeLines returns the length of p up to its last line end, if that keeps at least
// half of it, else that of its whole runes.
func wholeLines(p []byte) int {
	if i := bytes.LastIndexByte(p, '\n'); i+1 >= len(p)/2 && i >= 0 {
		return i + 1
	}
	return wholeRunes(p)
}

// ring keeps the last segments of a run, at most a number of bytes.
type ring struct {
	segments []*segment
	size     int
	evicted  int64  // Seq of the last segment that was dropped; 0: none
	spare    []byte // buffer of a dropped segment, to be used again
}

// push adds a segment and drops the oldest ones beyond limit bytes.
func (r *ring) push(s *segment, limit int) {
	r.segments = append(r.segments, s)
	r.size += len(s.data)
	for len(r.segments) > 0 && (r.size > limit || len(r.segments) > maxChunks(limit)) {
		oldest := r.segments[0]
		r.segments[0] = nil
		r.segments = r.segments[1:]
		r.size -= len(oldest.data)
		r.evicted = oldest.seq
		r.spare = oldest.data[:0]
	}
}

// buffer returns an empty buffer, if possible one that is no longer needed.
func (r *ring) buffer() []byte {
	b := r.spare
	r.spare = nil
	return b
}

// empty returns what the ring keeps and lets go of it.
func (r *ring) empty() []*segment {
	kept := r.segments
	r.segments, r.size, r.spare = nil, 0, nil
	return kept
}
