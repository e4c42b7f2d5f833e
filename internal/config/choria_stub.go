package config

func (l *loader) readChoria() {}
