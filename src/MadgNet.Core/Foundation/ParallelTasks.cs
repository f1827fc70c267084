using TorchSharp;

namespace MadgNet.Core.Foundation;

/// <summary>Work on memory that is cut into tasks by its shape alone, on as many threads as libtorch uses.</summary>
internal static class ParallelTasks
{
    /// <summary>Runs every task once, in any order.</summary>
    public static void Run(int count, Action<int> task)
    {
        int threads = torch.get_num_threads();
        if (threads == 1 || count < 2)
        {
            for (int i = 0; i < count; i++)
            {
                task(i);
            }
        }
        else
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, task);
        }
    }
}
