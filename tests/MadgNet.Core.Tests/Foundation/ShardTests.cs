namespace MadgNet.Core.Tests.Foundation;

public sealed class ShardTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 10)]
    [InlineData(7, 5)]
    public void Every_item_belongs_to_one_shard(int count, int items)
    {
        int[] list = [.. Enumerable.Range(0, items)];
        IReadOnlyList<int>[] parts = [.. Enumerable.Range(1, count).Select(number => new Shard(number, count).Of(list))];
        Assert.Equal(list, parts.SelectMany(part => part).Order());
        Assert.True(parts.Max(part => part.Count) - parts.Min(part => part.Count) <= 1);
    }

    [Theory]
    [InlineData("3/16", 3, 16)]
    [InlineData("1/1", 1, 1)]
    public void A_text_is_read_and_written(string text, int number, int count)
    {
        Assert.True(Shard.TryParse(text, out Shard shard));
        Assert.Equal(new Shard(number, count), shard);
        Assert.Equal(text, shard.ToString());
    }

    [Theory]
    [InlineData("0/16")]
    [InlineData("17/16")]
    [InlineData("3")]
    [InlineData("3/0")]
    [InlineData("-1/3")]
    [InlineData("1/2/3")]
    [InlineData("")]
    [InlineData(null)]
    public void Other_texts_are_none(string? text) => Assert.False(Shard.TryParse(text, out _));

    [Fact]
    public void A_shard_that_is_not_constructed_is_the_whole()
    {
        Assert.Equal(new Shard(1, 1), default);
        Assert.True(Shard.Whole.IsWhole);
        Assert.Equal("03-of-16", new Shard(3, 16).FileSuffix);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shard(3, 2));
    }

    [Theory]
    [InlineData("ARRAY_ID=3 ARRAY_COUNT=16 ARRAY_MIN=1 ARRAY_MAX=16", null, "3/16")]
    [InlineData("ARRAY_ID=3 ARRAY_COUNT=16 ARRAY_MIN=0 ARRAY_MAX=15", null, "4/16")]
    [InlineData("ARRAY_ID=7 ARRAY_COUNT=4 ARRAY_MIN=1 ARRAY_MAX=10 ARRAY_STEP=3", null, "3/4")]
    [InlineData("JOB_COMPLETION_INDEX=3", 16, "4/16")]
    [InlineData("JOB_COMPLETION_INDEX=3 MADGNET_SHARDS=8", null, "4/8")]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4", null, "2/4")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", null, "1/2")]
    [InlineData("SLURM_PROCID=2 SLURM_STEP_NUM_TASKS=3", 3, "3/3")]
    [InlineData("ARRAY_ID=2 ARRAY_COUNT=2 ARRAY_MIN=1 PMI_RANK=1 PMI_SIZE=3", null, "5/6")]
    public void The_environment_names_a_shard(string variables, int? jobs, string expected) =>
        Assert.Equal(expected, ShardVariables.Read(jobs, Variables(variables)).ToString());

    [Theory]
    [InlineData("", null, "no variable")]
    [InlineData("", 4, "no variable")]
    [InlineData("ARRAY_ID=7 ARRAY_COUNT=1 ARRAY_MIN=7", 16, "an array of 1 tasks")]
    [InlineData("ARRAY_ID=7 ARRAY_COUNT=3 ARRAY_MIN=1 ARRAY_MAX=7", null, "with gaps")]
    [InlineData("ARRAY_ID=7", null, "without SLURM_ARRAY_TASK_COUNT")]
    [InlineData("JOB_COMPLETION_INDEX=3", null, "without a number of jobs")]
    [InlineData("JOB_COMPLETION_INDEX=16", 16, "JOB_COMPLETION_INDEX=16 of 16")]
    [InlineData("JOB_COMPLETION_INDEX=three", 16, "JOB_COMPLETION_INDEX=three")]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", 3, "2 ranks")]
    public void What_names_none_is_refused(string variables, int? jobs, string received)
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => ShardVariables.Read(jobs, Variables(variables)));
        Assert.Contains(received, exception.Problems[0].Received, StringComparison.Ordinal);
    }

    private static Func<string, string?> Variables(string text)
    {
        var values = text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0].Replace("ARRAY_", "SLURM_ARRAY_TASK_", StringComparison.Ordinal), pair => pair[1]);
        return values.GetValueOrDefault;
    }
}
