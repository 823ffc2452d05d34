package component

// Rect is one part of a chart, in pixels of the drawing, in a tone.
type Rect struct {
	Tone                string
	X, Y, Width, Height int
}
