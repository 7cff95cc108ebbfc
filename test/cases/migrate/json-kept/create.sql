CREATE TABLE `items` (
  id INT PRIMARY KEY, v JSON, n INT
);
INSERT INTO `items` (id, v) VALUES (1, '{"a": [1, 2.5, "x"], "b": null}'), (2, NULL);
