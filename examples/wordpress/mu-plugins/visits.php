<?php
/**
 * Plugin Name: Visits
 * Description: Counts visits in the cache, remembers each visitor in a PHP session, and keeps rendered pages.
 *
 * It is the part of the example that a real site's plugins would be: it needs the
 * cache, PHP's session files, and a directory for what it generates.
 */

// visits_in_cache counts one visit in Redis, without asking for a PHP extension.
function visits_in_cache() {
	$redis = @fsockopen( 'cache', 6379, $code, $text, 1 );
	if ( ! $redis ) {
		return null;
	}
	fwrite( $redis, "INCR visits\r\n" );
	$answer = fgets( $redis );
	fclose( $redis );
	return (int) substr( $answer, 1 );
}

add_action( 'template_redirect', function () {
	session_start();
	$_SESSION['visits'] = ( $_SESSION['visits'] ?? 0 ) + 1;
	header( 'X-Visits: ' . visits_in_cache() );
	header( 'X-Your-Visits: ' . $_SESSION['visits'] );
	session_write_close();

	if ( is_user_logged_in() || ! is_singular() ) {
		return;
	}
	ob_start( function ( $page ) {
		$kept = WP_CONTENT_DIR . '/cache/pages';
		wp_mkdir_p( $kept );
		file_put_contents( $kept . '/' . md5( $_SERVER['REQUEST_URI'] ) . '.html', $page );
		return $page;
	} );
} );
