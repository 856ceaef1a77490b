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
if ($step === 'network') {
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    foreach ($wpdb->tables('ms_global') as $table => $name) $wpdb->$table = $name;
    install_network();
    $made = populate_network(1, $_SERVER['HTTP_HOST'], 'admin@example.org', 'A test network', '/', false);
    if (is_wp_error($made)) exit($made->get_error_message() . "\n");
}
if ($step === 'sites') {
    $jane = get_user_by('login', 'jane')->ID;
    $states = ['tides' => [], 'archived' => ['archived', '1'], 'spam' => ['spam', '1'], 'deleted' => ['deleted', '1'],
        'unconfirmed' => ['deleted', '2']];
    foreach ($states as $folder => $state) {
        $id = wp_insert_site(['domain' => $_SERVER['HTTP_HOST'], 'path' => "/$folder/", 'network_id' => 1, 'user_id' => $jane, 'title' => $folder]);
        if (is_wp_error($id)) { fwrite(STDERR, $id->get_error_message()); exit(1); }
        $wpdb->update($wpdb->blogs, ['domain' => $_SERVER['HTTP_HOST']], ['blog_id' => $id]); // its port was taken off
        clean_blog_cache($id);
        switch_to_blog($id);
        foreach (['home', 'siteurl'] as $name) update_option($name, getenv('SITE_URL') . "/$folder");
        $wp_rewrite->init();
        foreach (['jane' => 'published', 'editor' => 'of-the-editor'] as $name => $slug) {
            add_user_to_blog($id, get_user_by('login', $name)->ID, 'editor');
            wp_insert_post(['post_title' => "The story $slug", 'post_name' => $slug, 'post_status' => 'publish',
                'post_content' => str_repeat("The tide keeps what the sea forgets, said $name. ", 20), 'post_author' => get_user_by('login', $name)->ID]);
        }
        $wp_rewrite->set_permalink_structure('/%postname%/');
        delete_option('rewrite_rules'); // the site makes its own
        restore_current_blog();
        if ($state) update_blog_status($id, $state[0], $state[1]);
    }
}
