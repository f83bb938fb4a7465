<?php
/** A page of a shop: searches all descriptions and lists the cheapest finds. Its work is the database's; without one it answers 500. */
require __DIR__ . '/database.php';

try {
	$search = open_shop()->prepare(
		'SELECT name, price, description FROM product WHERE description LIKE :word ORDER BY price LIMIT 40'
	);
	$search->execute(['word' => '%' . ($_GET['q'] ?? 'lamp') . '%']);
	$products = $search->fetchAll(PDO::FETCH_ASSOC);
} catch (PDOException) {
	http_response_code(500);
	exit("no database\n");
}

$page = "<!DOCTYPE html>\n<title>Shop</title>\n<table>\n";
foreach ($products as ['name' => $name, 'price' => $price, 'description' => $description]) {
	$cells = [$name, number_format($price / 100, 2), $description];
	$page .= '<tr><td>' . implode('</td><td>', array_map('htmlspecialchars', $cells)) . "</td></tr>\n";
}
$page .= "</table>\n";
header('X-Web: ' . basename(dirname(__DIR__)));
header('Content-Length: ' . strlen($page));
echo $page;
