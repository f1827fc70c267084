using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

public sealed class EvaluationShardTests
{
    private const int Count = 11;

    private static readonly EvaluationCase[] Cases = [.. EvaluationCases.Make(Count)];
    private static readonly string[] Names = [.. Cases.Select(each => each.Name)];

    private static EvaluatorOptions Options => new() { SetName = "set", Metrics = new MetricOptions { Groups = MetricGroups.All } };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public void Merged_shards_are_the_report_of_one_process_to_the_byte(int count)
    {
        using var folder = new TemporaryFolder();
        new Evaluator(Options).Evaluate(Cases).SaveJson(folder.File("whole.json"));
        EvaluationShard[] shards = [.. Enumerable.Range(1, count).Select(number =>
        {
            string path = folder.File($"{number}.json");
            Evaluate(new Shard(number, count)).SaveJson(path);
            return EvaluationShard.LoadJson(path);
        }).Reverse()];
        EvaluationShard.Merge(shards).SaveJson(folder.File("merged.json"));
        Assert.Equal(File.ReadAllText(folder.File("whole.json")), File.ReadAllText(folder.File("merged.json")));
    }

    [Fact]
    public void A_shard_goes_on_where_it_ended()
    {
        using var folder = new TemporaryFolder();
        var evaluator = new Evaluator(Options);
        var shard = new Shard(2, 2);
        EvaluationCase[] mine = [.. shard.Of(Cases)];
        evaluator.EvaluateShard(shard, Names, mine[..2], isComplete: false).SaveJson(folder.File("shard.json"));
        var begun = EvaluationShard.LoadJson(folder.File("shard.json"));
        Assert.False(begun.IsComplete);
        Assert.Equal(mine[..2].Select(each => each.Name), begun.CaseNames);
        evaluator.EvaluateShard(shard, Names, mine[2..], begun).SaveJson(folder.File("shard.json"));
        Evaluate(shard).SaveJson(folder.File("at once.json"));
        Assert.Equal(File.ReadAllText(folder.File("at once.json")), File.ReadAllText(folder.File("shard.json")));
    }

    [Fact]
    public void What_does_not_belong_together_is_not_merged()
    {
        EvaluationShard first = Evaluate(new Shard(1, 2));
        EvaluationShard second = Evaluate(new Shard(2, 2));
        EvaluationShard begun = new Evaluator(Options).EvaluateShard(new Shard(2, 2), Names, [], isComplete: false);
        EvaluationShard otherwise = new Evaluator(Options with { SetName = "other" }).EvaluateShard(
            new Shard(2, 2), Names, new Shard(2, 2).Of(Cases));
        EvaluationShard elsewhere = new Evaluator(Options).EvaluateShard(new Shard(2, 2), Names[1..], []);
        Assert.Contains("shard 2/2 is missing", Refused(first), StringComparison.Ordinal);
        Assert.Contains("shard 1/2 is there 2 times", Refused(first, first), StringComparison.Ordinal);
        Assert.Contains("shard 2/2 is not complete", Refused(first, begun), StringComparison.Ordinal);
        Assert.Contains("other settings", Refused(first, otherwise), StringComparison.Ordinal);
        Assert.Contains("another list", Refused(first, elsewhere), StringComparison.Ordinal);
        Assert.Contains("received none", Refused(), StringComparison.Ordinal);
        Assert.Equal(Count, EvaluationShard.Merge([second, first]).Cases.Count);

        static string Refused(params EvaluationShard[] shards) =>
            Assert.Throws<EvaluationException>(() => EvaluationShard.Merge(shards)).Message;
    }

    [Fact]
    public void A_shard_of_other_cases_is_not_gone_on_with()
    {
        EvaluationShard begun = new Evaluator(Options).EvaluateShard(new Shard(1, 2), Names, Cases[..1], isComplete: false);
        Assert.Throws<EvaluationException>(() => new Evaluator(Options).EvaluateShard(new Shard(2, 2), Names, [], begun));
        Assert.Throws<EvaluationException>(() => new Evaluator(Options).EvaluateShard(new Shard(1, 2), Names[1..], [], begun));
        Assert.Throws<EvaluationException>(
            () => new Evaluator(Options with { SetName = "other" }).EvaluateShard(new Shard(1, 2), Names, [], begun));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"schema\":\"madgnet-evaluation\",\"version\":1}")]
    [InlineData("{\"schema\":\"madgnet-evaluation-shard\",\"version\":1,\"labels\":null}")]
    public void A_file_that_is_no_shard_is_refused(string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("shard.json", System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Contains(path, Assert.Throws<EvaluationException>(() => EvaluationShard.LoadJson(path)).Message, StringComparison.Ordinal);
    }

    private static EvaluationShard Evaluate(Shard shard) => new Evaluator(Options).EvaluateShard(shard, Names, shard.Of(Cases));
}
