package web

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// exportGap is how long the reader of an export may take for one batch of it.
const exportGap = time.Minute

// auditExport sends the entries that the filter selects as a file, batch by batch.
func (s *Server) auditExport(q *request) error {
	out := &export{w: q.w, extend: func() error { return extendWrite(q.w, s.Clock.Now().Add(exportGap)) }}
	format := q.query().Get("format")
	switch format {
	case "csv":
		out.encoder, out.kind = newAuditCSV(q.w), "text/csv; charset=utf-8"
	case "json":
		out.encoder, out.kind = &auditJSON{w: q.w}, "application/json; charset=utf-8"
	default:
		return apperr.New(apperr.Invalid, "export_format", "error.audit.format")
	}
	out.name = "audit-" + s.Clock.Now().UTC().Format("20060102-150405") + "." + format
	err := s.Accounts.ExportAudit(q.ctx(), q.actor(), format, auditFilter(q), out.add)
	if err == nil {
		err = out.end()
	}
	if err != nil && out.begun {
		s.logError(q.r, err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	return err
}

// extendWrite gives the client until then to take what is written next.
func extendWrite(w http.ResponseWriter, until time.Time) error {
	err := http.NewResponseController(w).SetWriteDeadline(until)
	if errors.Is(err, http.ErrNotSupported) {
		return nil // the server has no deadline to extend
	}
	return err
}

// auditEncoder writes entries in one format.
type auditEncoder interface {
	begin() error
	entry(audit.Entry) error
	end() error
}

// export is a file on its way. Nothing is sent before the first entry, so that what goes
// wrong by then is answered like any error.
type export struct {
	w          http.ResponseWriter
	encoder    auditEncoder
	kind, name string
	extend     func() error
	begun      bool
	entries    int
}

// extendEvery is after how many entries the client gets more time.
const extendEvery = 500

func (e *export) begin() error {
	if e.begun {
		return nil
	}
	e.begun = true
	h := e.w.Header()
	h.Set("Content-Type", e.kind)
	h.Set("Content-Disposition", `attachment; filename="`+e.name+`"`)
	e.w.WriteHeader(http.StatusOK)
	return e.encoder.begin()
}

func (e *export) add(entry audit.Entry) error {
	if e.entries%extendEvery == 0 {
		if err := e.extend(); err != nil {
			return err
		}
	}
	e.entries++
	if err := e.begin(); err != nil {
		return err
	}
	return e.encoder.entry(entry)
}

func (e *export) end() error {
	if err := e.begin(); err != nil {
		return err
	}
	return e.encoder.end()
}

// auditCSV writes a line for each entry.
type auditCSV struct{ csv *csv.Writer }

func newAuditCSV(w io.Writer) *auditCSV { return &auditCSV{csv: csv.NewWriter(w)} }

func (c *auditCSV) begin() error {
	return c.csv.Write([]string{
		"number", "time", "actor", "via", "address", "action", "subject", "subject_id", "subject_name",
		"before", "after", "note", "request_id", "id", "hash",
	})
}

func (c *auditCSV) entry(e audit.Entry) error {
	cells := []string{
		strconv.FormatInt(e.Seq, 10), e.At.UTC().Format(time.RFC3339Nano), e.ActorName, e.Via, e.Address, string(e.Action),
		e.Subject, e.SubjectID, e.SubjectName, string(e.Before), string(e.After), e.Note, e.RequestID, e.ID, e.Hash,
	}
	for i := range cells {
		cells[i] = inert(cells[i])
	}
	return c.csv.Write(cells)
}

func (c *auditCSV) end() error {
	c.csv.Flush()
	return c.csv.Error()
}

// inert keeps a spreadsheet from taking a text for a formula: one that begins like a
// formula, blanks aside, gets an apostrophe before it.
func inert(cell string) string {
	first := strings.TrimLeft(cell, " \t\r\n\u00a0\ufeff")
	if strings.IndexAny(first, "=+-@|%＝＋－＠") == 0 || strings.IndexAny(cell, "\t\r\n") == 0 {
		return "'" + cell
	}
	return cell
}

// auditJSON writes one array with an object for each entry.
type auditJSON struct {
	w     io.Writer
	later bool
}

// auditObject is an entry in JSON.
type auditObject struct {
	Number      int64           `json:"number"`
	Time        time.Time       `json:"time"`
	ActorID     string          `json:"actorId"`
	Actor       string          `json:"actor"`
	Via         string          `json:"via"`
	Address     string          `json:"address"`
	Action      audit.Action    `json:"action"`
	Subject     string          `json:"subject"`
	SubjectID   string          `json:"subjectId"`
	SubjectName string          `json:"subjectName"`
	Before      json.RawMessage `json:"before"`
	After       json.RawMessage `json:"after"`
	Note        string          `json:"note"`
	RequestID   string          `json:"requestId"`
	ID          string          `json:"id"`
	Hash        string          `json:"hash"`
}

func (j *auditJSON) begin() error {
	_, err := io.WriteString(j.w, "[")
	return err
}

func (j *auditJSON) entry(e audit.Entry) error {
	raw, err := json.Marshal(auditObject{
		Number: e.Seq, Time: e.At.UTC(), ActorID: e.ActorID, Actor: e.ActorName, Via: e.Via, Address: e.Address,
		Action: e.Action, Subject: e.Subject, SubjectID: e.SubjectID, SubjectName: e.SubjectName,
		Before: sound(e.Before), After: sound(e.After), Note: e.Note, RequestID: e.RequestID, ID: e.ID, Hash: e.Hash,
	})
	if err != nil {
		return fmt.Errorf("encode audit entry %s: %w", e.ID, err)
	}
	comma := "\n"
	if j.later {
		comma = ",\n"
	}
	j.later = true
	_, err = fmt.Fprintf(j.w, "%s%s", comma, raw)
	return err
}

// sound returns JSON as it is. Text that somebody made of it in the database is no reason
// to send nothing at all: it is sent as a text.
func sound(raw json.RawMessage) json.RawMessage {
	if raw == nil || json.Valid(raw) {
		return raw
	}
	text, err := json.Marshal(string(raw))
	if err != nil {
		return nil // a string can always be encoded
	}
	return text
}

func (j *auditJSON) end() error {
	_, err := io.WriteString(j.w, "\n]\n")
	return err
}
