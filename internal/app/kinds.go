package app

import (
	"fmt"
	"path/filepath"

	"carillon/internal/config"
	"carillon/internal/kind"
	"carillon/internal/kind/console"
	"carillon/internal/kind/httprequest"
	"carillon/internal/kind/shell"
	"carillon/internal/kind/sleep"
	"carillon/internal/netguard"
)

// newKinds returns what jobs of this installation can do, and the one of it that must
// clear up after a crash.
func newKinds(cfg config.Server, extra []kind.Kind) (*kind.Registry, *shell.Shell, error) {
	guard, err := netguard.ParseRules(cfg.HTTPDeny, cfg.HTTPAllow)
	if err != nil {
		return nil, nil, fmt.Errorf("network rules: %w", err)
	}
	sh, err := shell.New(shell.Options{ScriptDir: filepath.Join(cfg.Data, "scripts")})
	if err != nil {
		return nil, nil, err
	}
	all := []kind.Kind{sh, httprequest.New(httprequest.Options{Guard: guard}), console.New(), sleep.New()}
	registry, err := kind.NewRegistry(append(all, extra...)...)
	return registry, sh, err
}
