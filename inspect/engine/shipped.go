package engine

import "sync"

// maxShipped bounds what is remembered of images.
const maxShipped = 100_000

// shipped is what was seen of images, so that a second container of one, or a
// second plan, asks nothing again.
type shipped struct {
	mu    sync.Mutex
	known map[shippedPath]seen
}

type shippedPath struct{ image, path string }

func (s *shipped) at(image, path string) (seen, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.known[shippedPath{image, path}]
	return found, ok && image != ""
}

func (s *shipped) keep(image, path string, found seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxShipped {
		s.known = make(map[shippedPath]seen)
	}
	s.known[shippedPath{image, path}] = found
}
