package protocol

import (
	"regexp"
	"strings"
)

const maxTopic = 128

var topicGrammar = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(@v[0-9]+)?$`)

// ValidTopic: `[a-z0-9]([a-z0-9.-]*[a-z0-9])?(@v[0-9]+)?`, at most 128 characters.
func ValidTopic(topic string) bool { return len(topic) <= maxTopic && topicGrammar.MatchString(topic) }

// TopicGranted tells whether a produce pattern covers the topic. A pattern is a topic, or a topic whose name ends
// in "*"; the version is never a wildcard: "check.*" does not cover "check.done@v1".
func TopicGranted(patterns []string, topic string) bool {
	name, version := splitTopic(topic)
	for _, pattern := range patterns {
		wanted, patternVersion := splitTopic(pattern)
		if version != patternVersion {
			continue
		}
		prefix, wild := strings.CutSuffix(wanted, "*")
		if name == wanted || (wild && strings.HasPrefix(name, prefix)) {
			return true
		}
	}
	return false
}

func splitTopic(topic string) (name, version string) {
	if at := strings.IndexByte(topic, '@'); at >= 0 {
		return topic[:at], topic[at:]
	}
	return topic, ""
}
