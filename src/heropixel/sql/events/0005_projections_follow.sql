-- What deletes or erases rows of pageviews does it in their projections too.
ALTER TABLE {database}.pageviews MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild'
