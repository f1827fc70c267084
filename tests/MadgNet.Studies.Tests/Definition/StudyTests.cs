using MadgNet.Core.Models.Registry;
using MadgNet.Core.Training.Recipes;
using MadgNet.Studies.Recipes;

namespace MadgNet.Studies.Tests.Definition;

public sealed class StudyTests
{
    private const string Whole = """
        {
          "schema": "madgnet-study", "version": 1, "name": "mine",
          "recipe": {"model": "unet", "size": 64},
          "variants": [{"name": "a"}, {"name": "b", "changes": {"channelAttention": "dct"}, "share": 0.5, "channels": [1]}],
          "baseline": "a", "seeds": [4, 2],
          "protocol": {"seen": ["x", {"name": "y", "consecutive": 3}], "unseen": ["z"], "testImages": 9},
          "budget": {"epochs": 2}, "metrics": ["HausdorffDistance95"],
          "quick": {"seeds": [0], "budget": {"steps": 1}, "changes": {"size": 32}, "variants": ["a"]}
        }
        """;

    public static IEnumerable<TheoryDataRow<string>> BuiltIn => BuiltInStudies.Names.Select(name => new TheoryDataRow<string>(name));

    [Fact]
    public void A_study_is_written_as_it_was_read()
    {
        Study study = Study.FromJson(Whole, "test");
        Assert.Equal(study.ToJson(), Study.FromJson(study.ToJson(), "test").ToJson());
        Assert.Equal([4, 2], study.Seeds);
        Assert.Equal(3, study.Protocol.Seen[1].Consecutive);
        Assert.Equal(0.5, study.ProtocolOf(study.Variants[1]).Share);
        Assert.Equal(["HausdorffDistance95"], study.Metrics);
        Assert.Equal(
            [new StudyCellKey("a", 4), new StudyCellKey("b", 4), new StudyCellKey("a", 2), new StudyCellKey("b", 2)], study.Cells);
    }

    [Fact]
    public void A_quick_study_takes_what_it_says()
    {
        Study quick = Study.FromJson(Whole, "test").Quick();
        Assert.Equal("a", Assert.Single(quick.Variants).Name);
        Assert.Equal(1, quick.Budget.Steps);
        Assert.Null(quick.Budget.Epochs);
        Assert.Equal(32, StudyRecipe.Create(quick.RecipeOf(quick.Variants[0]), 3, ModelRegistry.BuiltIn).Size);
    }

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void A_built_in_study_is_whole(string name)
    {
        Study study = BuiltInStudies.Get(name);
        Assert.Equal(name, study.Name);
        Assert.EndsWith("?", study.Question, StringComparison.Ordinal);
        Assert.NotEmpty(study.Title);
        Assert.NotEmpty(study.Reading);
        Assert.NotNull(study.QuickOverrides);
        Assert.Empty(study.Quick().Validate());
        Assert.Empty(study.ValidateRecipes(ModelRegistry.BuiltIn));
        Assert.True(study.Quick().Cells.Count <= study.Cells.Count);
        Assert.All(study.Variants, variant =>
        {
            Assert.NotEmpty(variant.Title);
            Recipe recipe = StudyRecipe.Create(study.RecipeOf(variant), 1, ModelRegistry.BuiltIn);
            Assert.Equal(1, recipe.Seed);
            Assert.Empty(recipe.Validate());
        });
    }

    [Fact]
    public void Details_change_whatever_the_short_names_do_not_reach()
    {
        Study study = Study.FromJson(Whole.Replace(
            "\"size\": 64", "\"size\": 64, \"details\": {\"trainer\": {\"emaDecay\": 0.9}}", StringComparison.Ordinal), "test");
        Recipe recipe = StudyRecipe.Create(study.RecipeOf(study.Variants[1]), 2, ModelRegistry.BuiltIn);
        Assert.Equal(0.9, recipe.Trainer.EmaDecay);
        Assert.Equal((64, 2L), (recipe.Size, recipe.Seed));
        Study wrong = Study.FromJson(Whole.Replace(
            "\"size\": 64", "\"size\": 64, \"details\": {\"trainer\": {\"emaDekay\": 0.9}}", StringComparison.Ordinal), "test");
        Assert.Contains(
            wrong.ValidateRecipes(ModelRegistry.BuiltIn), problem => problem.ToString().Contains("emaDekay", StringComparison.Ordinal));
    }

    [Fact]
    public void Variants_of_a_built_in_study_differ()
    {
        foreach (Study study in BuiltInStudies.All)
        {
            string[] prints = [.. study.Variants.Select(variant => MadgNet.Studies.Running.StudyFingerprint.Of(study, variant))];
            Assert.Equal(prints.Length, prints.Distinct().Count());
        }
    }

    [Theory]
    [InlineData("\"name\": \"mine\"", "\"name\": \"My study\"", "lower case letters")]
    [InlineData("\"baseline\": \"a\"", "\"baseline\": \"c\"", "one of the variants a, b")]
    [InlineData("\"version\": 1", "\"version\": 2", "version 1")]
    [InlineData("\"epochs\": 2", "\"epochs\": 2, \"steps\": 3", "one of them")]
    [InlineData("\"epochs\": 2", "\"epochs\": 0", "1 or more")]
    [InlineData("\"share\": 0.5", "\"share\": 1.5", "above 0 to 1")]
    [InlineData("\"share\": 0.5", "\"shere\": 0.5", "variants[1].shere")]
    [InlineData("\"channelAttention\": \"dct\"", "\"channelAttention\": \"dkt\"", "Did you mean 'dct'?")]
    [InlineData("\"channels\": [1]", "\"channels\": [-1]", "different numbers from 0")]
    [InlineData("\"seeds\": [4, 2]", "\"seeds\": [4, 4]", "each once")]
    [InlineData("\"seeds\": [4, 2]", "\"seeds\": [4, 2.5]", "seeds[1]")]
    [InlineData("\"unseen\": [\"z\"]", "\"unseen\": [\"x\"]", "the set 'x' twice")]
    [InlineData("\"unseen\": [\"z\"]", "\"unseen\": [\"../z\"]", "the name of one folder")]
    [InlineData("\"testImages\": 9", "\"testImages\": 0", "1 or more")]
    [InlineData("HausdorffDistance95", "Hausdorf", "metrics")]
    [InlineData("{\"name\": \"a\"}", "{\"name\": \"b\"}", "'b' twice")]
    [InlineData("{\"name\": \"a\"}", "{\"name\": \"a\", \"train\": [\"z\"]}", "a seen set of the protocol: x, y")]
    [InlineData("\"size\": 64", "\"size\": 65", "a multiple of 32")]
    public void What_is_wrong_with_a_study_is_listed(string right, string wrong, string expected)
    {
        StudyException exception = Assert.Throws<StudyException>(
            () =>
            {
                var study = Study.FromJson(Whole.Replace(right, wrong, StringComparison.Ordinal), "test");
                StudyException.ThrowIfAny("test", study.ValidateRecipes(ModelRegistry.BuiltIn));
            });
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(exception.Problems);
    }

    [Fact]
    public void All_problems_are_listed_at_once()
    {
        StudyException exception = Assert.Throws<StudyException>(() => Study.FromJson(
            """{"schema": "madgnet-study", "version": 1, "name": 3, "recipe": [], "variants": [{}], "budget": {"steps": ""}, "x": 1}""",
            "test"));
        Assert.True(exception.Problems.Count >= 6, exception.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_names_the_built_in_studies()
    {
        StudyException exception = Assert.Throws<StudyException>(() => Study.Load("scale"));
        Assert.Contains("scales", exception.Message, StringComparison.Ordinal);
        Assert.Throws<StudyException>(() => BuiltInStudies.Get("scale"));
    }

    [Fact]
    public void Choosing_variants_keeps_the_baseline()
    {
        Study study = BuiltInStudies.Get("scales");
        Assert.Equal(["s1", "s3"], study.With(new StudyOverrides { Variants = ["s3", "s1"] }).Variants.Select(variant => variant.Name));
        Assert.Throws<StudyException>(() => study.With(new StudyOverrides { Variants = ["s1"] }));
        Assert.Throws<StudyException>(() => study.With(new StudyOverrides { Variants = ["s3", "s9"] }));
    }
}
