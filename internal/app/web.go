package app

import (
	"context"
	"runtime"

	"carillon/internal/i18n"
	"carillon/internal/metrics"
	"carillon/static"
	"carillon/views/page"
	"carillon/web"
)

// buildWeb builds the console and its HTTP server.
func (a *App) buildWeb() error {
	catalog, err := i18n.Load()
	if err != nil {
		return err
	}
	assets, err := static.New()
	if err != nil {
		return err
	}
	a.web, err = web.New(web.Deps{
		Jobs: a.Jobs, Accounts: a.Accounts, Outputs: a.Outputs, System: a, Metrics: a.metrics, Events: a.Events,
		Assets: assets, Catalog: catalog, Clock: a.clock, Log: a.log, Version: Version(),
		BasePath: a.cfg.BasePath, PublicURL: a.cfg.PublicURL, Loopback: a.cfg.Loopback(),
		TrustedProxies: a.cfg.Proxies(), Dev: a.cfg.Dev,
	})
	if err != nil {
		return err
	}
	a.http = web.NewHTTPServer(a.web)
	return nil
}

var _ web.System = (*App)(nil)

// facts are what a scrape of the metrics asks for.
func (a *App) facts(ctx context.Context) (metrics.Facts, error) {
	s, err := a.Status(ctx)
	return metrics.Facts{
		Workers: s.Workers, Queued: s.Queued, Running: s.Running, LastTick: s.LastTick, Draining: s.Draining,
		DatabaseOK: s.DatabaseOK, DatabaseBytes: s.DatabaseBytes, OutputBytes: s.OutputBytes,
	}, err
}

// Status tells how the process is doing, for the System page, banners and probes.
func (a *App) Status(ctx context.Context) (web.SystemStatus, error) {
	tick, _ := a.dispatcher.LastTick()
	waiting, working := a.engine.Load()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	s := web.SystemStatus{
		Started: a.started, Node: nodeName(), Database: "PostgreSQL", LastTick: tick,
		Draining: a.draining.Load(), Workers: a.engine.Workers(), Queued: waiting, Running: working,
		GoVersion: runtime.Version(), MemoryBytes: int64(memory.Sys - memory.HeapReleased),
	}
	if a.Store.IsSQLite() {
		s.Database = "SQLite"
	}
	for _, duty := range append(a.clockwork.Status(), a.heartbeat.Status()...) {
		s.Duties = append(s.Duties, page.Duty{Name: duty.Name, Last: duty.Last, Next: duty.Next})
	}
	size, err := a.Store.Size(ctx)
	s.DatabaseOK = err == nil
	s.DatabaseBytes, s.OutputBytes = size.Main, size.Output
	return s, nil
}
