package protocol

import (
	"regexp"
	"strings"
)

const maxTopic = 128

// topicGrammar is the one plugins ask for topics in, and the gateway takes events by.
var topicGrammar = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*@v[1-9][0-9]{0,3}$`)

// ValidTopic tells whether it is one, of at most 128 characters.
func ValidTopic(topic string) bool { return len(topic) <= maxTopic && topicGrammar.MatchString(topic) }

// TopicGranted tells whether a produce pattern covers the topic. A pattern is a topic, or a topic whose name ends
// in "*"; the version is never a wildcard: "check.*@v1" does not cover "check.done@v2".
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
