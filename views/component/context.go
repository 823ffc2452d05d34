// Package component holds the building blocks of pages: each looks the same wherever
// it stands, and each is shown in all its states in the gallery.
package component

import (
	"context"
	"io"
	"time"

	"github.com/a-h/templ"
)

type frameKey struct{}

// Frame is what components need to know of the page around them.
type Frame struct {
	Sprite string // URL of the icon sprite
	Now    time.Time
	Zone   *time.Location // in which times are shown; nil is UTC
}

// WithFrame returns a component that renders c within f.
func WithFrame(f Frame, c templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(context.WithValue(ctx, frameKey{}, f), w)
	})
}

// frame returns the frame of the page being rendered.
func frame(ctx context.Context) Frame {
	f, _ := ctx.Value(frameKey{}).(Frame)
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	return f
}
