package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"
)

// Link is the place of an entry in the chain: its number, from 1 on, and the hash over
// its content and the hash of the entry before. The zero Link is before the first.
type Link struct {
	Seq  int64
	Hash string // hex SHA-256; "" before the first
}

// Seal returns the entry with its number and hash, as the one that follows prev. The
// entry must be as it is stored: times count in milliseconds, texts byte by byte.
func (e Entry) Seal(prev Link) Entry {
	e.Seq = prev.Seq + 1
	h := sha256.New()
	// Each part is preceded by its length, so that no two entries give the same bytes.
	for _, part := range []string{
		"carillon audit 1", prev.Hash, e.ID, e.ActorID, e.ActorName, e.Via, e.Address, string(e.Action),
		e.Subject, e.SubjectID, e.SubjectName, e.Note, e.RequestID,
	} {
		writePart(h, []byte(part))
	}
	writeJSON(h, e.Before)
	writeJSON(h, e.After)
	writeNumber(h, uint64(e.At.UnixMilli()))
	writeNumber(h, uint64(e.Seq))
	e.Hash = hex.EncodeToString(h.Sum(nil))
	return e
}

// Link returns the place of a sealed entry.
func (e Entry) Link() Link { return Link{Seq: e.Seq, Hash: e.Hash} }

func writePart(h hash.Hash, part []byte) {
	writeNumber(h, uint64(len(part)))
	h.Write(part)
}

// writeJSON tells a missing side from an empty one.
func writeJSON(h hash.Hash, raw json.RawMessage) {
	if raw == nil {
		writeNumber(h, 0)
		return
	}
	writeNumber(h, 1)
	writePart(h, raw)
}

func writeNumber(h hash.Hash, n uint64) {
	h.Write(binary.BigEndian.AppendUint64(nil, n))
}

// Fault names what is wrong with a chain.
type Fault string

// The faults.
const (
	Missing Fault = "missing" // an entry is not there
	Changed Fault = "changed" // an entry is not what was sealed, or does not follow the one before
	CutOff  Fault = "cut off" // the chain ends before, or with another hash than, its noted end
	Stray   Fault = "stray"   // an entry was put in beside the chain
)

// Break is the first broken link of a chain.
type Break struct {
	Fault Fault
	Seq   int64     // the number at which it shows; 0 for a stray entry
	ID    string    // the entry found there; "" if there is none
	At    time.Time // its time
}

// Error tells where the chain broke.
func (b *Break) Error() string {
	if b.ID == "" {
		return fmt.Sprintf("the audit is broken at entry %d: %s", b.Seq, b.Fault)
	}
	return fmt.Sprintf("the audit is broken at entry %d: %s (entry %s of %s)", b.Seq, b.Fault, b.ID, b.At.UTC().Format(time.RFC3339))
}

// Follow checks that e follows prev. It returns nil if so.
func Follow(prev Link, e Entry) *Break {
	switch {
	case e.Seq != prev.Seq+1:
		return &Break{Fault: Missing, Seq: prev.Seq + 1}
	case e.Seal(prev).Hash != e.Hash:
		return &Break{Fault: Changed, Seq: e.Seq, ID: e.ID, At: e.At}
	default:
		return nil
	}
}
