package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"carillon/internal/apperr"
	"carillon/internal/clock"
	"carillon/internal/config"
)

// Serve runs the console until the process is told to stop: the first SIGINT or
// SIGTERM drains, a second one stops at once. It returns nil after an orderly stop.
func Serve(ctx context.Context, cfg config.Server, log *slog.Logger, stdout io.Writer) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	a, err := New(ctx, cfg, log, clock.System())
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		hurry, cancel := context.WithCancel(ctx)
		cancel()
		return errors.Join(err, a.Stop(hurry))
	}
	if err := a.greet(ctx, stdout); err != nil {
		log.Warn("could not print the address", "error", err)
	}
	select {
	case err = <-a.serving:
		err = fmt.Errorf("serve: %w", err)
	case sig := <-signals:
		log.Info("stopping: no new runs start, those at work may end", "signal", sig.String(), "drain_timeout", cfg.DrainTimeout)
	case <-ctx.Done():
	}
	drain, now := context.WithCancel(context.WithoutCancel(ctx))
	defer now()
	go func() {
		select {
		case <-signals:
			log.Warn("stopping at once")
			now()
		case <-drain.Done():
		}
	}()
	return errors.Join(err, a.Stop(drain))
}

// listen opens the port, so that an address in use is known before anything starts.
func (a *App) listen(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return apperr.Wrap(err, apperr.Unavailable, "listen",
			fmt.Sprintf("cannot listen on %s: the address is in use or not this machine's; choose another with --listen", a.cfg.Listen))
	}
	a.listener = l
	return nil
}

// serve answers requests until Stop; a failure goes to Serve.
func (a *App) serve() {
	if err := a.http.Serve(a.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		a.serving <- err
	}
}

// stopServing lets open requests end. One that does not is cut off.
func (a *App) stopServing(ctx context.Context) error {
	if a.listener == nil {
		return nil
	}
	if err := a.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stop serving: %w", err), a.http.Close())
	}
	return nil
}

// URL is the address of the console as a person on this machine would type it.
func (a *App) URL() string {
	if a.cfg.PublicURL != "" {
		return strings.TrimRight(a.cfg.PublicURL, "/")
	}
	if a.listener == nil {
		return ""
	}
	host, port, err := net.SplitHostPort(a.listener.Addr().String())
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + strings.TrimRight(a.cfg.BasePath, "/")
}

// greet prints the one line a person needs: where the console is, and before the first
// administrator exists the link to make one. The token stands in the fragment, which
// browsers do not send, so that it reaches no proxy's log.
func (a *App) greet(ctx context.Context, stdout io.Writer) error {
	needed, err := a.Accounts.NeedsSetup(ctx)
	if err != nil {
		return err
	}
	if needed {
		_, err = fmt.Fprintf(stdout, "Carillon is at %s  Set it up once: %s/setup#%s\n", a.URL(), a.URL(), a.Accounts.SetupToken())
		return err
	}
	_, err = fmt.Fprintf(stdout, "Carillon is at %s\n", a.URL())
	return err
}
