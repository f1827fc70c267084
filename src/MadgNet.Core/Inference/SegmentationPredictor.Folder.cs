using System.Runtime.CompilerServices;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;

namespace MadgNet.Core.Inference;

/// <content>A folder of images, one after another.</content>
public abstract partial class SegmentationPredictor
{
    /// <summary>
    /// Segments the images of a folder in the order of their names, reading ahead while the network is busy. However many there are,
    /// memory is needed for those that are read ahead and for the prediction that the caller looks at.
    /// </summary>
    /// <param name="folder">The folder; of its files, those are taken whose extension <see cref="PredictorOptions.Reader"/> reads and whose
    /// name does not begin with a dot. Of a case of several files the first one counts, and the others are found beside it.</param>
    /// <param name="options">How to go about it; the defaults when null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>
    /// One result a file. A file that is damaged, of a wrong kind or not readable, that a reader of your own fails on, or that the
    /// network cannot segment has <see cref="FilePrediction.Error"/>, and the work goes on; everything else, such as a lack of memory while
    /// the network computes, ends it.
    /// </returns>
    /// <exception cref="ImageReadException">There is no such folder, or it, or one below it, cannot be read.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public IAsyncEnumerable<FilePrediction> PredictFolderAsync(
        string folder, FolderPredictionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= new FolderPredictionOptions();
        InvalidOptionsException.ThrowIfAny(nameof(FolderPredictionOptions), options.Validate());
        return StreamFiles(Files(folder, options.Recursive), options, cancellationToken);
    }

    private string[] Files(string folder, bool recursive)
    {
        var found = FolderFiles.Find(folder, recursive, [.. InputReader.Extensions(Network.Input, Options.Reader)]);
        return found.Problems.Count == 0
            ? [.. found.Paths.Where(path => InputReader.IsFirst(path, Network.Input))]
            : throw new ImageReadException(
                found.Problems[0].Subject, found.Problems[0].Received, "a readable folder of images", found.Problems[0].Remedy);
    }

    private async IAsyncEnumerable<FilePrediction> StreamFiles(
        string[] files, FolderPredictionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = new Queue<Task<FloatImage>>();
        int begun = 0;
        try
        {
            for (int i = 0; i < files.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (begun < files.Length && pending.Count < options.ReadAhead)
                {
                    string path = files[begun++];
                    pending.Enqueue(Begin(() => ReadGuarded(path)));
                }

                Prediction? prediction = null;
                Exception? failure = null;
                try
                {
                    prediction = await PredictWhenRead(pending.Dequeue(), cancellationToken).ConfigureAwait(false);
                }
                catch (Exception error) when (!options.StopAtFirstError
                    && error is (MadgNetException or IOException or UnauthorizedAccessException))
                {
                    failure = error;
                }

                yield return new FilePrediction(files[i], i, files.Length, prediction, failure);
            }
        }
        finally
        {
            // Nothing goes on behind the caller's back, and nobody is left to see how these end.
            foreach (Task<FloatImage> task in pending)
            {
                await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<Prediction> PredictWhenRead(Task<FloatImage> reading, CancellationToken cancellationToken)
    {
        FloatImage image = await reading.ConfigureAwait(false);
        return await Begin(() => Predict(image, null, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>
    /// Work on a thread of its own: a host that waits for the results on the threads of its pool would wait for ever for one of them.
    /// </summary>
    private static Task<T> Begin<T>(Func<T> work) => Task.Factory.StartNew(
        work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Reads an image with a reader that may be the host's: whatever it throws is about this file alone.</summary>
    private FloatImage ReadGuarded(string path)
    {
        try
        {
            RegularFile.Check(path);
            return Read(path);
        }
        catch (Exception exception) when (exception is not (MadgNetException or OperationCanceledException))
        {
            throw new ImageReadException(
                path,
                $"a file that its reader fails on ({exception.GetType().Name}: {exception.Message.TrimEnd('.')})",
                "an image that the reader reads",
                "Check the file, and the reader where it is the host's",
                exception);
        }
    }
}
