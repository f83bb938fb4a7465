<?php
/** What the load balancers ask: 200 when a row can be read from the database, else 500. */
require __DIR__ . '/database.php';

try {
	$rows = open_shop()->query('SELECT id FROM product LIMIT 1')->fetchAll();
	$healthy = count($rows) === 1;
} catch (PDOException) {
	$healthy = false;
}
http_response_code($healthy ? 200 : 500);
header('Content-Type: text/plain');
echo $healthy ? "OK\n" : "no database\n";
