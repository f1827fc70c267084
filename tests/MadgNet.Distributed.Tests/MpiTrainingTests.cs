using MadgNet.Core.Weights;
using MadgNet.Distributed.Tests.Support;
using TorchSharp;

namespace MadgNet.Distributed.Tests;

/// <summary>
/// Ranks that train together come to the weights of one process. Sums are taken in another order, which costs the last bits of
/// float32 (6e-8 of a value): hence 1e-6.
/// </summary>
[Collection(MpiTools.Jobs)]
public sealed class MpiTrainingTests : IClassFixture<MpiTrainingTests.Alone>
{
    private const double Tolerance = 1e-6;

    /// <summary>Batches of four, parted evenly by two ranks and unevenly by three, with one image left for the epoch's last.</summary>
    private static readonly string[] Plain = ["batch=4", "steps=5"];

    /// <summary>Batches of five, unevenly parted, and everything that a step can do.</summary>
    private static readonly string[] Full = ["batch=5", "steps=4", "accumulation=2", "clip=0.05", "average=0.9"];

    private readonly Alone _alone;

    public MpiTrainingTests(Alone alone) => _alone = alone;

    public static TheoryData<string, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, bool>();
            foreach (Mpi mpi in Mpi.All)
            {
                cases.Add(mpi.Name, 2, false);
                cases.Add(mpi.Name, 2, true);
                cases.Add(mpi.Name, 3, true);
            }

            cases.Add(Mpi.Open.Name, 3, false);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ranks_come_to_the_weights_of_one_process(string name, int ranks, bool full)
    {
        Mpi mpi = MpiTools.Require(name);
        using var folder = new Folder();
        MpiJob job = MpiJob.Run(mpi, ranks, MpiTools.Hang, ["train", $"folder={folder.Path}", .. full ? Full : Plain]);
        Assert.True(job.ExitCode == 0, job.Text);
        AssertClose(_alone.Of(mpi, full), folder.Path, full);
    }

    [Theory]
    [InlineData("Open MPI", 2, 1)]
    [InlineData("MPICH", 2, 1)]
    [InlineData("Open MPI", 1, 3)]
    [InlineData("MPICH", 1, 3)]
    public void A_run_goes_on_with_another_number_of_ranks(string name, int before, int after)
    {
        Mpi mpi = MpiTools.Require(name);
        using var folder = new Folder();
        string[] work = ["train", $"folder={folder.Path}", "resume=yes", .. Full];
        MpiJob first = MpiJob.Run(before == 1 ? null : mpi, before, MpiTools.Hang, [.. work, $"library={mpi.Library}"]);
        Assert.True(first.ExitCode == 0, first.Text);

        // As if it had ended behind step 2.
        string[] later = [.. Directory.GetFiles(Path.Combine(folder.Path, "checkpoints"))
            .Where(file => !file.EndsWith("step-0000000002.safetensors", StringComparison.Ordinal))];
        Assert.NotEmpty(later);
        Array.ForEach([.. later, .. Directory.GetFiles(folder.Path, "*.safetensors")], File.Delete);
        MpiJob second = MpiJob.Run(after == 1 ? null : mpi, after, MpiTools.Hang, [.. work, $"library={mpi.Library}"]);
        Assert.True(second.ExitCode == 0, second.Text);
        Assert.Contains("began, step 2", second.Output, StringComparison.Ordinal);
        AssertClose(_alone.Of(mpi, full: true), folder.Path, full: true);
    }

    private static void AssertClose(string expected, string actual, bool full)
    {
        foreach (string file in full ? (string[])["last.safetensors", "last-ema.safetensors"] : ["last.safetensors"])
        {
            (double difference, string name) = Compare(Path.Combine(expected, file), Path.Combine(actual, file));
            Assert.True(difference <= Tolerance, $"{file}: {name} differs by {difference}");
        }
    }

    private static (double Difference, string Name) Compare(string expected, string actual)
    {
        using WeightArchive left = SafetensorsFile.Open(expected);
        using WeightArchive right = SafetensorsFile.Open(actual);
        Assert.Equal(left.Names.Order(StringComparer.Ordinal), right.Names.Order(StringComparer.Ordinal));
        return left.Names.Select(name =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            double difference = left.Load(name).to(torch.float64).sub(right.Load(name).to(torch.float64)).abs().max().item<double>();
            return (double.IsNaN(difference) ? double.PositiveInfinity : difference, name);
        }).Max();
    }

    /// <summary>The runs of one process, once for all tests.</summary>
    public sealed class Alone : IDisposable
    {
        private readonly Dictionary<bool, Folder> _folders = [];

        public string Of(Mpi mpi, bool full)
        {
            if (!_folders.TryGetValue(full, out Folder? folder))
            {
                folder = new Folder();
                _folders.Add(full, folder);
                MpiJob job = MpiJob.Run(
                    null, 1, MpiTools.Hang, ["train", $"folder={folder.Path}", $"library={mpi.Library}", .. full ? Full : Plain]);
                Assert.True(job.ExitCode == 0, job.Text);
            }

            return folder.Path;
        }

        public void Dispose()
        {
            foreach (Folder folder in _folders.Values)
            {
                folder.Dispose();
            }
        }
    }

    /// <summary>A folder that is removed.</summary>
    internal sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("madgnet-ranks-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
