package app

import (
	"log/slog"
	"slices"
	"testing"

	"carillon/internal/clock"
	"carillon/internal/config"
	"carillon/internal/i18n"
)

// The System page calls each duty by the message "duty.<name>".
func TestEveryDutyHasAName(t *testing.T) {
	t.Parallel()
	cfg := config.Server{Listen: "127.0.0.1:0", Data: t.TempDir(), Workers: 1, Zone: "UTC"}
	a, err := New(t.Context(), cfg, slog.New(slog.DiscardHandler), clock.System())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.closeStore() })
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	ids := catalog.IDs("en")
	for _, duty := range append(a.duties(), a.beat()) {
		if !slices.Contains(ids, "duty."+duty.Name) {
			t.Errorf("no message duty.%s", duty.Name)
		}
	}
}
