<?php
/** The shop's database, beside the document root; an exception when it is not there. */
function open_shop(): PDO
{
	return new PDO('sqlite:' . dirname(__DIR__) . '/shop.db', null, null, [
		PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
		// Without it SQLite would make an empty file where there is none.
		PDO::SQLITE_ATTR_OPEN_FLAGS => PDO::SQLITE_OPEN_READONLY,
	]);
}
