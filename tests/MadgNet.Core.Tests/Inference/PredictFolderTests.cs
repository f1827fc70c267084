using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Inference;

public class PredictFolderTests
{
    [Fact]
    public async Task Every_image_of_a_folder_is_predicted_in_the_order_of_the_names_and_a_bad_one_is_a_finding()
    {
        using var folder = new TemporaryFolder();
        Fill(folder);
        using var predictor = new ConvolutionPredictor();
        List<FilePrediction> files = await All(predictor.PredictFolderAsync(folder.Root));

        Assert.Equal(["01.png", "02.png", "03.png", "04.PNG", "05.png"], files.Select(file => Path.GetFileName(file.Path)));
        Assert.Equal([0, 1, 2, 3, 4], files.Select(file => file.Index));
        Assert.All(files, file => Assert.Equal(5, file.Count));
        Assert.Equal([true, false, true, true, false], files.Select(file => file.Succeeded));
        Assert.IsType<ImageReadException>(files[1].Error);
        foreach (FilePrediction file in files.Where(file => file.Succeeded))
        {
            Assert.Null(file.Error);
            Assert.Equal(predictor.Predict(file.Path).Probability.Data.ToArray(), file.Prediction!.Probability.Data.ToArray());
        }
    }

    [Fact]
    public async Task The_folders_below_are_gone_through_where_that_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Pictures.Pixels(3, 8, 8), folder.File("a/x.png"));
        ImageWriter.Write(Pictures.Pixels(3, 8, 8), folder.File("b.png"));
        using var predictor = new ConvolutionPredictor();
        Assert.Single(await All(predictor.PredictFolderAsync(folder.Root)));
        Assert.Equal(2, (await All(predictor.PredictFolderAsync(folder.Root, new FolderPredictionOptions { Recursive = true }))).Count);
    }

    [Fact]
    public async Task The_first_bad_file_ends_the_work_where_that_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        Fill(folder);
        using var predictor = new ConvolutionPredictor();
        var seen = new List<FilePrediction>();
        await Assert.ThrowsAsync<ImageReadException>(async () =>
        {
            await foreach (FilePrediction file in predictor.PredictFolderAsync(
                folder.Root, new FolderPredictionOptions { StopAtFirstError = true }))
            {
                seen.Add(file);
            }
        });
        Assert.Single(seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task No_more_images_are_read_ahead_than_allowed(int ahead)
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 12; i++)
        {
            ImageWriter.Write(Pictures.Pixels(3, 8, 8), folder.File($"{i:00}.png"));
        }

        var reader = new CountingReader();
        using var predictor = new ConvolutionPredictor(new PredictorOptions { Reader = reader });
        int taken = 0;
        await foreach (FilePrediction file in predictor.PredictFolderAsync(folder.Root, new FolderPredictionOptions { ReadAhead = ahead }))
        {
            taken++;
            Assert.True(file.Succeeded);
            Assert.InRange(reader.Begun, taken, taken + ahead);
        }

        Assert.Equal(12, taken);
    }

    [Fact]
    public async Task Whoever_stops_early_leaves_nothing_running_behind()
    {
        using var folder = new TemporaryFolder();
        Fill(folder);
        var reader = new CountingReader();
        using var predictor = new ConvolutionPredictor(new PredictorOptions { Reader = reader });
        await foreach (FilePrediction file in predictor.PredictFolderAsync(folder.Root, new FolderPredictionOptions { ReadAhead = 4 }))
        {
            Assert.True(file.Succeeded);
            break;
        }

        Assert.Equal(reader.Begun, reader.Ended);
        Assert.InRange(reader.Begun, 1, 5);
    }

    [Fact]
    public async Task Cancellation_ends_the_work()
    {
        using var folder = new TemporaryFolder();
        Fill(folder);
        using var cancellation = new CancellationTokenSource();
        using var predictor = new ConvolutionPredictor();
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (FilePrediction file in predictor.PredictFolderAsync(folder.Root).WithCancellation(cancellation.Token))
            {
                seen++;
                await cancellation.CancelAsync();
            }
        });
        Assert.Equal(1, seen);
    }

    [Fact]
    public async Task An_error_that_is_not_the_files_fault_ends_the_work()
    {
        using var folder = new TemporaryFolder();
        Fill(folder);
        using var predictor = new ConvolutionPredictor { OnRun = _ => throw new InvalidOperationException("the network is broken") };
        await Assert.ThrowsAsync<InvalidOperationException>(() => All(predictor.PredictFolderAsync(folder.Root)));
    }

    /// <summary>Whatever a reader of the host's throws is about its file: also what no reader should throw.</summary>
    [Fact]
    public async Task What_a_hosts_reader_throws_ends_its_file_alone()
    {
        using var folder = new TemporaryFolder();
        Exception[] thrown =
        [
            new NotImplementedException("x"), new AccessViolationException("x"), new OutOfMemoryException("x"),
            new KeyNotFoundException("x"), new AggregateException(new TimeoutException("x")), new IOException("x"), new OwnException(),
        ];
        for (int i = 0; i <= thrown.Length; i++)
        {
            folder.Write($"{i}.odd", [(byte)i]);
        }

        var reader = new ImageReader(null, new FaultyReader(thrown));
        foreach (IImageReader each in (IImageReader[])[reader, new FaultyReader(thrown)])
        {
            using var predictor = new ConvolutionPredictor(new PredictorOptions { Reader = each });
            List<FilePrediction> files = await All(predictor.PredictFolderAsync(folder.Root));
            Assert.Equal(thrown.Length + 1, files.Count);
            Assert.True(files[^1].Succeeded);
            Assert.All(files.SkipLast(1), (file, i) =>
                Assert.Same(thrown[i], Assert.IsType<ImageReadException>(file.Error).InnerException));
        }
    }

    [Fact]
    public async Task A_folder_that_is_missing_or_empty_and_options_out_of_range()
    {
        using var folder = new TemporaryFolder();
        using var predictor = new ConvolutionPredictor();
        Assert.Empty(await All(predictor.PredictFolderAsync(folder.Root)));
        Assert.Throws<ImageReadException>(() => predictor.PredictFolderAsync(Path.Combine(folder.Root, "missing")));
        Assert.Throws<InvalidOptionsException>(() => predictor.PredictFolderAsync(
            folder.Root, new FolderPredictionOptions { ReadAhead = 0 }));
    }

    private static void Fill(TemporaryFolder folder)
    {
        ImageWriter.Write(Pictures.Pixels(3, 9, 14, 1), folder.File("01.png"));
        folder.Write("02.png", "damaged"u8);
        ImageWriter.Write(Pictures.Pixels(1, 20, 8, 2), folder.File("03.png"));
        ImageWriter.Write(Pictures.Pixels(3, 8, 8, 3, bits: 16), folder.File("04.PNG"));
        folder.Write("05.png", []);
        folder.Write("notes.txt", "no image"u8);
        folder.Write(".hidden.png", "no image"u8);
    }

    private static async Task<List<FilePrediction>> All(IAsyncEnumerable<FilePrediction> files)
    {
        var result = new List<FilePrediction>();
        await foreach (FilePrediction file in files)
        {
            result.Add(file);
        }

        return result;
    }

    private sealed class OwnException() : Exception("x");

    private sealed class FaultyReader(Exception[] thrown) : IImageReader
    {
        public IReadOnlyCollection<string> Extensions => [".odd"];

        public PixelImage Read(string path, ImageReadOptions? options = null) =>
            File.ReadAllBytes(path)[0] is var number && number < thrown.Length
                ? throw thrown[number]
                : Pictures.Pixels(3, 8, 8);
    }

    private sealed class CountingReader : IImageReader
    {
        private readonly ImageReader _reader = new();
        private int _begun;
        private int _ended;

        public int Begun => _begun;

        public int Ended => _ended;

        public IReadOnlyCollection<string> Extensions => _reader.Extensions;

        public PixelImage Read(string path, ImageReadOptions? options = null)
        {
            Interlocked.Increment(ref _begun);
            try
            {
                return _reader.Read(path, options);
            }
            finally
            {
                Interlocked.Increment(ref _ended);
            }
        }
    }
}
