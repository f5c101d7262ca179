-- Statements that delete or erase rows of pageviews do it in their projections too.
ALTER TABLE {database}.pageviews MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild'
