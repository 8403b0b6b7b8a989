<?php
// WordPress's settings, from the environment names of the official image. The
// entrypoint replaces the phrases once, at first start.
function from_environment( $name, $default ) {
	$value = getenv( $name );
	return $value === false ? $default : $value;
}

define( 'DB_NAME', from_environment( 'WORDPRESS_DB_NAME', 'wordpress' ) );
define( 'DB_USER', from_environment( 'WORDPRESS_DB_USER', 'wordpress' ) );
define( 'DB_PASSWORD', from_environment( 'WORDPRESS_DB_PASSWORD', '' ) );
define( 'DB_HOST', from_environment( 'WORDPRESS_DB_HOST', 'mysql' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );

define( 'AUTH_KEY', 'put your unique phrase here' );
define( 'SECURE_AUTH_KEY', 'put your unique phrase here' );
define( 'LOGGED_IN_KEY', 'put your unique phrase here' );
define( 'NONCE_KEY', 'put your unique phrase here' );
define( 'AUTH_SALT', 'put your unique phrase here' );
define( 'SECURE_AUTH_SALT', 'put your unique phrase here' );
define( 'LOGGED_IN_SALT', 'put your unique phrase here' );
define( 'NONCE_SALT', 'put your unique phrase here' );

$table_prefix = from_environment( 'WORDPRESS_TABLE_PREFIX', 'wp_' );
define( 'WP_DEBUG', (bool) from_environment( 'WORDPRESS_DEBUG', '' ) );

eval( from_environment( 'WORDPRESS_CONFIG_EXTRA', '' ) );

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
