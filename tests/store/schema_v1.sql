PRAGMA application_id = 1094995031;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE alert_change (
      id TEXT PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, change TEXT NOT NULL, body TEXT NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "alert_change" VALUES('t1',1795348800000000,'a|binance|btc|hedged-light','raised','{"id":"t1","change":"raised","at":"2026-11-22T12:00:00Z","alert":{"key":"a|binance|btc|hedged-light","rule":"hedged-light","level":4,"text":"light 4","opened_at":"2026-11-22T12:00:00Z","account":"","venue":"","subject":"","sources":[],"blind":false,"below_since":null,"below":0,"announced":0,"announced_at":null,"raised_at":null,"escalated":false,"acknowledged_by":null,"acknowledged_at":null,"snoozed_until":null,"resolved_at":null,"transitions":0},"page":false,"quiet":false}');
CREATE TABLE change (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, before TEXT, after TEXT,
      level INTEGER, detail TEXT
    );
INSERT INTO "change" VALUES(1,1795348800000000,'light','a:BTC/USDT:USDT:short','3 venue','4 venue',4,NULL);
CREATE TABLE decision (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, what TEXT NOT NULL, until INTEGER, who TEXT NOT NULL
    );
INSERT INTO "decision" VALUES(1,1795348800000000,'a|binance|btc|hedged-light','acknowledged',NULL,'trader');
CREATE TABLE delivery (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, alert_change TEXT NOT NULL, channel TEXT NOT NULL, delivered INTEGER NOT NULL,
      detail TEXT
    );
INSERT INTO "delivery" VALUES(1,1795348800000000,'t1','telegram',1,NULL);
CREATE TABLE fill (
      account TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, venue TEXT NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL,
      kind TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (account, id)
    ) WITHOUT ROWID;
INSERT INTO "fill" VALUES('a','f1',1795348800000000,'binance','BTC/USDT:USDT','short','adl','{"id":"f1","account":"a","venue":"binance","symbol":"BTC/USDT:USDT","side":"short","size":1.5,"price":53900.0,"time":"2026-11-22T12:00:00Z","kind":"adl","closes":true,"mark_price":null,"fee":null,"realized_pnl":null}');
CREATE TABLE incident (id TEXT PRIMARY KEY, at INTEGER NOT NULL, closed_at INTEGER, body TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "incident" VALUES('a@20261122T120000',1795348800000000,NULL,'{"id":"a@20261122T120000","kind":"adl","account":"a","venue":"binance","opened_at":"2026-11-22T12:00:00Z","last_at":"2026-11-22T12:00:00Z","legs":[],"hedges":[],"fills":0,"closed_usd":0.0,"give_back_usd":null,"naked_usd":null,"dollar_seconds":0.0,"measured_at":null,"closed_at":null,"tickets":[]}');
CREATE TABLE kept (name TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "kept" VALUES('alerts',1795348800000000,'{"alerts":{"a|binance|btc|hedged-light":{"key":"a|binance|btc|hedged-light","rule":"hedged-light","level":4,"text":"light 4","opened_at":"2026-11-22T12:00:00Z","account":"","venue":"","subject":"","sources":[],"blind":false,"below_since":null,"below":0,"announced":0,"announced_at":null,"raised_at":null,"escalated":false,"acknowledged_by":null,"acknowledged_at":null,"snoozed_until":null,"resolved_at":null,"transitions":0}},"pending":{},"lights":{},"shielded":[]}');
CREATE TABLE position (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
INSERT INTO "position" VALUES(1,'a:BTC/USDT:USDT:short');
CREATE TABLE sample (
      position INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, level INTEGER, source TEXT, estimate INTEGER,
      low INTEGER, high INTEGER, score REAL, mark REAL, notional REAL, distance REAL, severity TEXT NOT NULL,
      PRIMARY KEY (position, at)
    ) WITHOUT ROWID;
INSERT INTO "sample" VALUES(1,1795348800000000,'lit',4,'venue',4,3,5,0.147,54000.0,81000.0,0.31,'warning');
CREATE TABLE sighting (
      position INTEGER NOT NULL, at INTEGER NOT NULL, venue TEXT NOT NULL, level INTEGER NOT NULL, held INTEGER,
      held_since INTEGER, estimate INTEGER, low INTEGER, high INTEGER,
      PRIMARY KEY (position, at)
    ) WITHOUT ROWID;
INSERT INTO "sighting" VALUES(1,1795348800000000,'binance',4,3,1795348700000000,4,3,5);
CREATE TABLE snapshot (at INTEGER PRIMARY KEY, packed BLOB NOT NULL);
INSERT INTO "snapshot" VALUES(1795348800000000,X'78013D8A310EC2300C45EFE2B9154D06869C8309849049DC26C2C4559C8210E2EE6408487F784FEFBF619672C70A0E30F013AB8FA3665C354ADD191800F52273AB76B2FBD198D1DA83B16E9ADA8E2D2B3DA8A4FA6A0FB9355F45534D9215DCE93C40A4B0506795ADF8BFD442DA43CA3E05CAB52B32951F47E190F2D20BE395185CDE983F5F3C153BA8');
CREATE TABLE source (id TEXT PRIMARY KEY, at INTEGER NOT NULL, packed BLOB NOT NULL) WITHOUT ROWID;
INSERT INTO "source" VALUES('a',1795348800000000,X'78017552416E83400CFCCB9E690AA8C98163DB1F34BDB4AA90030E582C5EBA2C496994BFD70E9054958A10B267C7F6789693A1D264064C641A620D77C4C0050A401CD01FC09A6CBD8A23E3114AE2CA6427D3BBC10B65AA833E777B89D338DDDC25C95D9A6E93348B6379DFA48BC702E980650EE17F1214851B38F4267BFF884CE77A0AE458D39399CFE66907E44127DF64F663BB7322D23C6E9FEE5F5F9EB7997E64724FA532FBDAF97049BF254D56EBC820073FE69D275D6213CBA30BB6E09B055C3FCC60E1840B856AB7C4085E3A09B122CE5BA7FD79B056BCEA9D85205B4E670B6CF1801EAA2BAD0535F562F05F267D0E5482AEBD68983AEF801B3F74A1B80A9EF08B11B9A5AA166D1334DFC4947838AA9B67F1B376566F6E7657D7C4C5EA3D597B75DD2DE1113CDF0A6A2C2B9C49ECC2123638CA0E632EF62C3E9C23B307B283BF2E3CA7522D064308D876EA92FE0B934CC6AF20E9E5E017AC6672312E2C0B3B942BD692F30F4F36E455');
CREATE TABLE thinned (tier TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "thinned" VALUES('snapshot 60000000',1763812800000000);
CREATE INDEX change_subject ON change (subject, kind, at);
CREATE INDEX change_at ON change (at);
CREATE INDEX sighting_at ON sighting (at);
CREATE INDEX fill_at ON fill (at);
CREATE INDEX alert_change_at ON alert_change (at);
CREATE INDEX delivery_at ON delivery (at);
CREATE INDEX delivery_of ON delivery (alert_change, channel);
COMMIT;
