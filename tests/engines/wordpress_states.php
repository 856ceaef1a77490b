<?php
// Called by wordpress.py as: php wordpress_states.php SITE_FOLDER STEP [ARGUMENT]. Uses WordPress's own functions only.
[, $site, $step] = $argv;
$_SERVER['HTTP_HOST'] = parse_url(getenv('SITE_URL'), PHP_URL_HOST) . ':' . parse_url(getenv('SITE_URL'), PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
if ($step === 'install') define('WP_INSTALLING', true);
require "$site/wp-load.php";
if ($step === 'install') {
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    wp_install('A test site', 'admin', 'admin@example.org', true, '', 'secret-of-the-test');
    update_option('permalink_structure', '/%postname%/');
    switch_theme($argv[3]);
    $write = function ($author, $slug, $more = []) {
        return wp_insert_post($more + ['post_title' => "The story $slug", 'post_name' => $slug, 'post_status' => 'publish',
            'post_content' => str_repeat("The tide keeps what the sea forgets, said $author. ", 20), 'post_author' => $author], true);
    };
    $people = [];
    foreach (['jane', 'editor', 'newcomer', 'leaver'] as $name)
        $people[$name] = wp_insert_user(['user_login' => $name, 'user_pass' => "secret-of-$name", 'user_email' => "$name@example.org",
            'display_name' => ucfirst($name), 'role' => 'author']);
    $jane = $people['jane'];
    get_user_by('id', $jane)->set_role('editor'); // authors of their own cannot read private posts
    $ids = [];
    foreach (['published', 'to-trash', 'to-delete', 'taken-back'] as $slug) $ids[$slug] = $write($jane, $slug);
    $write($people['editor'], 'of-the-editor');
    $write($people['leaver'], 'of-the-leaver');
    $ids['draft'] = $write($jane, 'draft', ['post_status' => 'draft']);
    $ids['pending'] = $write($jane, 'pending', ['post_status' => 'pending']);
    $ids['private'] = $write($jane, 'private', ['post_status' => 'private']);
    $ids['password'] = $write($jane, 'password', ['post_password' => 'tide']);
    $later = gmdate('Y-m-d H:i:s', time() + 864000);
    $ids['scheduled'] = $write($jane, 'scheduled', ['post_status' => 'future', 'post_date_gmt' => $later, 'post_date' => $later]);
    wp_trash_post($ids['to-trash']);
    wp_delete_post($ids['to-delete'], true);
    wp_update_post(['ID' => $ids['taken-back'], 'post_status' => 'draft']); // as an administrator can
    require_once ABSPATH . 'wp-admin/includes/user.php';
    wp_delete_user($people['leaver'], $people['editor']);
    flush_rewrite_rules();
    echo json_encode($ids);
}
if ($step === 'cookies') {
    $user = get_user_by('login', $argv[3]);
    $ends = time() + 86400;
    echo json_encode([LOGGED_IN_COOKIE => wp_generate_auth_cookie($user->ID, $ends, 'logged_in'), AUTH_COOKIE => wp_generate_auth_cookie($user->ID, $ends, 'auth')]);
}
if ($step === 'option') update_option($argv[3], $argv[4]);
