package learn

var ofThisMachine = map[uint32]call{}
