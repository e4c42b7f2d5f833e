package wire

import "testing"

func mustJudgeInOrder(t *testing.T, rules Rules, verdicts []verdict) {
	t.Helper()
	judge := rules.Judge()
	mustJudge(t, judge.Target, verdicts)
}

func TestAJudgeOfSimilarTargetsSeesWhatDiffers(t *testing.T) {
	mustJudgeInOrder(t, Rules{MaxLength: 40}, []verdict{
		{"eu.node.web1.ldn.example.net", OK},
		{"eu.node.web2.ldn.example.net", OK},
		{"eu.node.w", OK},
		{"eu.node.web.1.2.3.4.5.6.7.8.9.example.ne", OK},
		{"eu.node.web.1.2.3.4.5.6.7.8.9.example.net", SubjectTooLong},
		{"eu.node.", EmptyToken},
		{"eu.node", NotAllowed},
		{"eu.node..web3.ldn.example.net", EmptyToken},
		{"eu.node.web3.ldn..example.net", EmptyToken},
		{"eu.node.web3.ldn.example.net.", EmptyToken},
		{"eu.node.*", Wildcard},
		{"eu.node.web3.ldn.example.*", Wildcard},
		{"eu.node.>", Wildcard},
		{"eu.node.web3.ldn.exa mple.net", BadSubject},
		{"eu.node.web3.ldn.example.net\r\nPUB x 0", BadSubject},
		{"eu.nodes.web3.ldn.example.net", NotAllowed},
		{"us.node.web3.ldn.example.net", OK},
		{"eu.broadcast.agent.package", OK},
		{"eu.broadcast.agent.package.x", NotAllowed},
		{"eu.broadcast.other.package", NotAllowed},
		{"eu.broadcast.service.package", OK},
		{"choria.federation.london.collective", Loop},
		{"eu.node.web4.ldn.example.net", OK},
	})
}

// In peer mode every shape is allowed. Still, a target that begins like the subject of a broker
// must not let that one pass behind it.
func TestAJudgeWithPeerRulesMindsBrokers(t *testing.T) {
	mustJudgeInOrder(t, Rules{MaxLength: 255, Peer: true, Deny: []string{"lab"}}, []verdict{
		{"choria.x", OK},
		{"choria.federation.london.collective", Loop},
		{"choria.federation", OK},
		{"choria.federation.london.collective", Loop},
		{"choria.x.y", OK},
		{"choria.federation.london.collective", Loop},
		{"choria.x.london.collective", OK},
		{"lab.x.y", NotAllowed},
		{"$SYS.x.y", NotAllowed},
		{"one", OK},
		{"lab.x.y", NotAllowed},
		{"one.two.three.four.five.six", OK},
		{"one.two.three..four.five.six", EmptyToken},
	})
}
