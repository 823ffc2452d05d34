package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/config"
	"carillon/internal/control"
)

// verifyAudit is "carillon audit verify". It prints the end of the chain, to be kept
// somewhere else and handed to a later check, or fails with the first broken link.
func verifyAudit(ctx context.Context, cfg config.Server, log *slog.Logger, in config.AuditVerify, out io.Writer) error {
	known, err := parseLink(in.Known)
	if err != nil {
		return err
	}
	if err := mustExist(cfg); err != nil {
		return err
	}
	return withAccounts(ctx, cfg, log, func(accounts *control.Accounts) error {
		head, err := accounts.VerifyAudit(ctx, operator(), known)
		if err != nil {
			return err
		}
		if head.Seq == 0 {
			_, err = fmt.Fprintln(out, "The audit is empty.")
			return err
		}
		_, err = fmt.Fprintf(out, "The audit is whole: %d entries. The last one is\n%d:%s\n", head.Seq, head.Seq, head.Hash)
		return err
	})
}

// hashLength is the length of a SHA-256 in hex.
const hashLength = 64

// parseLink reads a link as verifyAudit prints it; nothing is the zero link.
func parseLink(text string) (audit.Link, error) {
	if text == "" {
		return audit.Link{}, nil
	}
	number, hash, _ := strings.Cut(text, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seq < 1 || len(hash) != hashLength {
		return audit.Link{}, apperr.New(apperr.Invalid, "audit_link",
			"--known wants the number and the hash of an entry, as 120:9f86d0…, which an earlier check printed.")
	}
	return audit.Link{Seq: seq, Hash: strings.ToLower(hash)}, nil
}
