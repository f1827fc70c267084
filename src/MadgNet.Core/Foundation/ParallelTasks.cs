using System.Runtime.ExceptionServices;
using TorchSharp;

namespace MadgNet.Core.Foundation;

/// <summary>Work on memory that is cut into tasks by its shape alone, on as many threads as libtorch uses.</summary>
/// <remarks>
/// Threads of the pool help where there are any. The caller never waits for one that has not begun, as <c>Parallel.For</c> does: a host
/// whose pool is full of waiting threads would wait for ever.
/// </remarks>
internal static class ParallelTasks
{
    /// <summary>Runs every task once, in any order.</summary>
    public static void Run(int count, Action<int> task) => Run(count, torch.get_num_threads(), task);

    /// <summary>Runs every task once, in any order, on so many threads at most.</summary>
    public static void Run(int count, int threads, Action<int> task)
    {
        if (threads == 1 || count < 2)
        {
            for (int i = 0; i < count; i++)
            {
                task(i);
            }

            return;
        }

        var work = new Work(count, task);
        for (int helper = 1; helper < Math.Min(threads, count); helper++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }

        work.Execute();
        work.Wait();
    }

    private sealed class Work(int count, Action<int> task) : IThreadPoolWorkItem
    {
        private readonly object _gate = new();
        private int _next;
        private int _done;
        private ExceptionDispatchInfo? _failure;

        public void Execute()
        {
            int ended = 0;
            for (int i = Interlocked.Increment(ref _next) - 1; i < count; i = Interlocked.Increment(ref _next) - 1)
            {
                try
                {
                    if (Volatile.Read(ref _failure) is null)
                    {
                        task(i);
                    }
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
                }

                ended++;
            }

            if (ended > 0)
            {
                lock (_gate)
                {
                    _done += ended;
                    Monitor.PulseAll(_gate);
                }
            }
        }

        /// <summary>Waits for tasks that others have in hand.</summary>
        public void Wait()
        {
            lock (_gate)
            {
                while (_done < count)
                {
                    Monitor.Wait(_gate);
                }
            }

            _failure?.Throw();
        }
    }
}
