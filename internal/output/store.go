// Package output is what runs print: captured with caps, stored apart from the hot
// tables, and followed live.
package output

import (
	"context"

	"carillon/internal/job"
)

// Store keeps chunks of output.
type Store interface {
	// AppendChunks adds chunks; (run, seq) is unique. The order within a run is that of Seq.
	AppendChunks(ctx context.Context, chunks []job.Chunk) error
	// Chunks returns a run's chunks with Seq > after, in order, until about maxBytes of data are gathered (at least one).
	Chunks(ctx context.Context, id job.RunID, after int64, maxBytes int) ([]job.Chunk, error)
	// DeleteOutput removes all output of the runs.
	DeleteOutput(ctx context.Context, ids []job.RunID) error
}
