package learn

import (
	"encoding/json"
	"fmt"
	"testing"
)

// The gateway takes no report of more than 256 KiB, and what was learned is a part of it.
func TestARecordIsBoundedInBytesAsTheyAreWritten(t *testing.T) {
	for _, name := range []string{"plain", "\x01\x02\u202e\"\\"} {
		record := NewRecord()
		const tried = 1000
		for i := range tried {
			record.put(record.read, fmt.Sprintf("/%s/%0300d", name, i))
		}
		learned := record.Learned()
		written, err := json.Marshal(learned.Read)
		if err != nil || len(written) > mostBytes || len(written) < mostBytes/2 || len(learned.Read)+learned.Overflow != tried {
			t.Errorf("%q: %d bytes, %d kept, %d too many, %v", name, len(written), len(learned.Read), learned.Overflow, err)
		}
	}
}
