package compact

// dictionary is text that the text stream is expected to share: messages as clients and nodes of
// Choria make them, flat. It is part of the format. What is used most stands at the end.
const dictionary = dictionaryAgents + dictionaryRequests + dictionaryReplies

// Answers of agents that most networks have.
const dictionaryAgents = `\"agents\":[\"choria_util\",\"discovery\",\"puppet\",\"package\",\"service\",\"rpcutil\",\"filemgr\",\"shell\"],` +
	`\"facts\":{},\"classes\":[],\"collectives\":[],\"main_collective\":\"mcollective\",\"version\":\"pid\":\"uptime\":` +
	`{"ensure":"installed","status":"running","package":"service":"name":"epoch":"arch":"release":"provider":"yum","apt","output":` +
	`"exitcode":0,"stdout":"","stderr":"","success":true,"applying":false,"enabled":true,"daemon_present":true,"idling":true,"disable_message":"",` +
	`"lastrun":"since_lastrun":"message":"error":"statuscode":5,"statusmsg":"UnknownRPCAction"`

// Requests of both versions.
const dictionaryRequests = `{"protocol":"io.choria.protocol.v2.transport","data":"` + "\xF9" +
	`{"protocol":"io.choria.protocol.v2.secure_request","request":"` + "\xF9" +
	`{"protocol":"io.choria.protocol.v2.request","message":"` + "\xF9" + `{"agent":"choria_util","action":"info","data":{}}` + "\xFC" +
	`","id":"","sender":".example.net","caller":"up=","collective":"choria","agent":"choria_util","ttl":60,"time":17,` +
	`"filter":{"fact":[],"cf_class":[],"agent":["choria_util"],"identity":[],"compound":[]}}` + "\xFC" +
	`","signature":"","caller":"` + "\xFB" + `{"alg":"EdDSA","typ":"JWT"}` + "\xFD\xFB" +
	`{"callerid":"up=","ou":"choria","purpose":"choria_client_id","public_key":"","permissions":{"fleet_management":true},"agents":["*"],` +
	`"iss":"Choria Tokens Package","exp":,"nbf":,"iat":,"jti":"` + "\xFD" + `"}` + "\xFC" +
	`","headers":{"reply":"choria.reply.","sender":".example.net","trace":[["nats://","","nats://:4222"]],"federation":{"request":"","targets":["` + "\xF8" + `"]}}}` +
	`{"protocol":"choria:transport:1","data":"` + "\xF9" + `{"protocol":"choria:secure:request:1","message":"{\"protocol\":\"choria:request:1\",` +
	`\"message\":\"{\\\"agent\\\":\\\"choria_util\\\",\\\"action\\\":\\\"info\\\",\\\"data\\\":{\\\"process_results\\\":true}}\",` +
	`\"envelope\":{\"requestid\":\"\",\"senderid\":\"\",\"callerid\":\"choria=.mcollective\",\"collective\":\"mcollective\",\"agent\":\"choria_util\",` +
	`\"ttl\":60,\"time\":17,\"filter\":{\"fact\":[],\"cf_class\":[],\"agent\":[\"choria_util\"],\"identity\":[],\"compound\":[]}}}","signature":"` +
	`","pubcert":"-----BEGIN CERTIFICATE-----\nMII\nBQAwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQ\n-----END CERTIFICATE-----\n"}` + "\xFC" +
	`","headers":{"reply-to":"mcollective.reply.","mc_sender":".example.net","seen-by":[["nats://","","nats://:4222"]],"federation":{"req":"","target":["` + "\xF8" + `"]}}}`

// Replies of both versions.
const dictionaryReplies = `{"protocol":"io.choria.protocol.v2.transport","data":"` + "\xF9" +
	`{"protocol":"io.choria.protocol.v2.secure_reply","reply":"` + "\xF9" +
	`{"protocol":"io.choria.protocol.v2.reply","message":"` + "\xF9" + `{"action":"info","statuscode":0,"statusmsg":"OK","data":{"` + "\xFC" +
	`","request":"","sender":".example.net","agent":"choria_util","time":17` + "}\xFC" +
	`","hash":"` + "\xFF" + `","signature":"","sender":"` + "\xFB" + `{"alg":"EdDSA","typ":"JWT"}` + "\xFD\xFB" +
	`{"identity":".example.net","collectives":["choria"],"permissions":{"service_host":true},"ou":"choria","purpose":"choria_server","public_key":"` +
	`","iss":"Choria Tokens Package","exp":,"nbf":,"iat":,"jti":"` + "\"}\xFD" + `"}` + "\xFC" +
	`","headers":{"sender":".example.net","trace":[["nats://","relay1 (fedrelay:london)","nats://:4222"]],"federation":{"request":"","reply":"choria.reply.` + `"}}}` +
	`{"protocol":"choria:transport:1","data":"` + "\xF9" + `{"protocol":"choria:secure:reply:1","message":"{\"protocol\":\"choria:reply:1\",` +
	`\"message\":\"pong\",\"envelope\":\"message\":\"{\\\"action\\\":\\\"info\\\",\\\"statuscode\\\":0,\\\"statusmsg\\\":\\\"OK\\\",\\\"data\\\":{\\\"` +
	`\\\":\\\"\\\",\\\"\\\":false,\\\"\\\":true,\\\"}}\",\"envelope\":{\"requestid\":\"\",\"senderid\":\"\",\"agent\":\"discovery\",\"agent\":\"choria_util\",` +
	`\"time\":17}}","hash":"` + "\xFE" + `"}` + "\xFC" +
	`","headers":{"mc_sender":".example.net","seen-by":[["nats://","relay1 (fedrelay:london)","nats://:4222"]],"federation":{"req":"","reply-to":"mcollective.reply."}}}`
