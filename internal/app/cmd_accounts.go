package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"carillon/internal/access"
	"carillon/internal/config"
	"carillon/internal/control"
)

// addUser is "carillon user add".
func addUser(ctx context.Context, cfg config.Server, log *slog.Logger, in config.UserAdd, std Streams) error {
	password, err := firstLine(std.In)
	if err != nil {
		return err
	}
	return withAccounts(ctx, cfg, log, func(accounts *control.Accounts) error {
		u, err := accounts.CreateUser(ctx, operator(), control.NewUser{Name: in.Name, Role: access.Role(in.Role), Password: password})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(std.Out, "Added user %s with role %s.\n", u.Name, u.Role)
		return err
	})
}

// firstLine reads a password: the first line without its end. More than any password
// may have is not read.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 2*access.MaxPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// createToken is "carillon token create". It prints the secret and nothing else, so that
// a script can take it.
func createToken(ctx context.Context, cfg config.Server, log *slog.Logger, in config.TokenCreate, out io.Writer) error {
	return withAccounts(ctx, cfg, log, func(accounts *control.Accounts) error {
		secret, _, err := accounts.CreateToken(ctx, operator(), in.User, in.Name, in.Expires)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, secret)
		return err
	})
}
